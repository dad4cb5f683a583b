// SPDX-License-Identifier: Apache-2.0
// Separate debug files: where distributions put symbols and DWARF that are not in the program itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct Elf; // of libelf

namespace sgperf::formats {

// Roots under which debug files are looked for, the first hit wins.
struct DebugFolders {
  std::vector<std::string> roots{"/usr/lib/debug"};
};

struct DebugLink {
  std::string build_id;  // hex, of .note.gnu.build-id; empty: none
  std::string file_name; // of .gnu_debuglink; empty: none
  uint32_t crc = 0;      // of that file's bytes
};
DebugLink debug_link(Elf *elf);

// Where the debug file of the program at `path` may be, in the order in which gdb and perf look: by build id under each
// root, then by name beside it, in .debug/ beside it, and in the same folder under each root.
std::vector<std::string> debug_file_candidates(const std::string &path, const DebugLink &link,
                                               const DebugFolders &folders);

// The first of them that is really its debug file: with the same build id, or, where the program has none, with the CRC
// of the link.  Empty: there is none.
std::string find_debug_file(const std::string &path, const DebugLink &link, const DebugFolders &folders);

// An open ELF file; closes itself.
class ElfFile {
public:
  ElfFile() = default;
  ElfFile(const ElfFile &) = delete;
  ElfFile &operator=(const ElfFile &) = delete;
  ~ElfFile();
  // Regular files only.  False: `error` says what was expected and found.
  bool open(const std::string &path, std::string &error);
  // The same, read as a whole: for libdw, which looks for the ends of strings behind the sections of damaged files.
  bool open_copy(const std::string &path, std::string &error);
  bool open_bytes(std::string bytes, std::string &error); // keeps them
  Elf *elf() const { return elf_; }
  int fd() const { return fd_; }
  bool has_section(std::string_view name) const;

private:
  bool open_file(const std::string &path, uint64_t &size, std::string &error);
  bool check(const std::string &what, std::string &error);
  std::string bytes_;
  Elf *elf_ = nullptr;
  int fd_ = -1;
};

} // namespace sgperf::formats
