// SPDX-License-Identifier: Apache-2.0
#include "formats/native_lines.h"

#include <elfutils/libdw.h>
#include <libelf.h>

namespace sgperf::formats {

struct NativeLines::File {
  ElfFile elf;
  Dwarf *dwarf = nullptr;
  std::unique_ptr<DwarfLines> lines;
  std::string why;

  ~File() {
    lines.reset();
    if (dwarf) dwarf_end(dwarf);
  }
  void open(const std::string &path, const std::string &build_id, const DebugFolders &folders) {
    ElfFile program;
    DebugLink link;
    if (program.open(path, why)) {
      link = debug_link(program.elf());
      if (!build_id.empty() && link.build_id != build_id) {
        why = path + " is not the file that was running: expected build id " + build_id + ", found " +
              (link.build_id.empty() ? "none" : link.build_id);
        link = {};
      }
    }
    // Gone or replaced: the debug file of the build id may still be there.
    const bool is_it = why.empty();
    if (!is_it) link.build_id = build_id;
    std::string from = is_it && has_dwarf(program) ? path : find_debug_file(path, link, folders);
    if (from.empty()) {
      if (is_it)
        why = path + " has no debug information and no debug file" +
              (link.build_id.empty() ? "" : " (build id " + link.build_id + ")") +
              ": compile it with -g, or install its debug package (Debian: NAME-dbgsym)";
      return;
    }
    why.clear();
    if (!elf.open_copy(from, why)) return;
    dwarf = dwarf_begin_elf(elf.elf(), DWARF_C_READ, nullptr);
    if (!dwarf) {
      why = from + ": its debug information cannot be read: " + dwarf_errmsg(-1);
      return;
    }
    lines = std::make_unique<DwarfLines>(dwarf, true);
  }
  static bool has_dwarf(const ElfFile &file) {
    return file.has_section(".debug_info") || file.has_section(".zdebug_info");
  }
};

NativeLines::NativeLines(DebugFolders folders) : folders_(std::move(folders)) {}
NativeLines::~NativeLines() = default;

const SourcePlace *NativeLines::find(const std::string &path, const std::string &build_id, uint64_t address) {
  auto &file = files_[build_id.empty() ? path : build_id];
  if (!file) {
    file = std::make_unique<File>();
    file->open(path, build_id, folders_);
  }
  return file->lines ? file->lines->find(address) : nullptr;
}

std::string NativeLines::why_none(const std::string &path, const std::string &build_id) const {
  const auto it = files_.find(build_id.empty() ? path : build_id);
  return it == files_.end() ? "" : it->second->why;
}

} // namespace sgperf::formats
