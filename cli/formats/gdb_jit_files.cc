// SPDX-License-Identifier: Apache-2.0
#include "formats/gdb_jit_files.h"

#include "formats/elf_symbols.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace sgperf::formats {
namespace {

// With its end; it may be the end of a longer name (GNU ld lets names share bytes).
constexpr std::string_view wanted("__jit_debug_descriptor", 23);
constexpr uint64_t descriptor_size = 24;
// A table that claims more is none.
constexpr uint64_t largest_table = uint64_t{1} << 30;
constexpr size_t most_names = 16;
constexpr uint64_t piece = uint64_t{1} << 18; // of tables of strings, which are tens of megabytes

class File {
public:
  explicit File(const std::filesystem::path &path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    struct stat status {};
    regular_ = fd_ >= 0 && fstat(fd_, &status) == 0 && S_ISREG(status.st_mode);
    size_ = regular_ ? static_cast<uint64_t>(status.st_size) : 0;
  }
  File(const File &) = delete;
  File &operator=(const File &) = delete;
  ~File() {
    if (fd_ >= 0) close(fd_);
  }

  // `count` of them at `offset`; empty: they are not all there.
  template <class T> std::vector<T> read(uint64_t offset, uint64_t count) const {
    if (count > largest_table / sizeof(T) || !holds(offset, count * sizeof(T))) return {};
    std::vector<T> out(count);
    if (!copy(offset, out.data(), count * sizeof(T))) out.clear();
    return out;
  }

  // Where `text` is in [offset, offset + size), from `offset` on.
  std::vector<uint64_t> find(std::string_view text, uint64_t offset, uint64_t size) const {
    std::vector<uint64_t> out;
    if (!holds(offset, size)) return out;
    std::vector<char> buffer(std::min<uint64_t>(size, piece));
    for (uint64_t at = 0; at + text.size() <= size;) {
      const uint64_t length = std::min<uint64_t>(size - at, buffer.size());
      if (!copy(offset + at, buffer.data(), length)) break;
      const char *from = buffer.data(), *end = from + length;
      while (const void *found = memmem(from, static_cast<size_t>(end - from), text.data(), text.size())) {
        if (out.size() == most_names) return out;
        from = static_cast<const char *>(found);
        out.push_back(at + static_cast<uint64_t>(from++ - buffer.data()));
      }
      if (at + length == size) break;
      at += length - (text.size() - 1); // it may lie across
    }
    return out;
  }

private:
  bool holds(uint64_t offset, uint64_t size) const { return offset <= size_ && size <= size_ - offset; }
  bool copy(uint64_t offset, void *to, uint64_t size) const {
    for (uint64_t done = 0; done < size;) {
      const ssize_t got = pread(fd_, static_cast<char *>(to) + done, size - done, static_cast<off_t>(offset + done));
      if (got <= 0) return false;
      done += static_cast<uint64_t>(got);
    }
    return true;
  }

  int fd_;
  bool regular_ = false;
  uint64_t size_ = 0;
};

// The symbol's value, in one table of the file.
std::optional<uint64_t> value_in(const File &file, const Elf64_Shdr &table, const Elf64_Shdr &strings) {
  const auto names = file.find(wanted, strings.sh_offset, strings.sh_size);
  if (names.empty()) return std::nullopt;
  for (const Elf64_Sym &symbol : file.read<Elf64_Sym>(table.sh_offset, table.sh_size / sizeof(Elf64_Sym)))
    if (symbol.st_shndx != SHN_UNDEF && symbol.st_shndx < SHN_LORESERVE &&
        std::find(names.begin(), names.end(), symbol.st_name) != names.end())
      return symbol.st_value;
  return std::nullopt;
}

} // namespace

std::optional<uint64_t> gdb_jit_descriptor(const std::filesystem::path &path) {
  const File file(path);
  const auto header = file.read<Elf64_Ehdr>(0, 1);
  if (header.empty() || std::memcmp(header[0].e_ident, ELFMAG, SELFMAG) != 0 ||
      header[0].e_ident[EI_CLASS] != ELFCLASS64 || header[0].e_ident[EI_DATA] != ELFDATA2LSB ||
      header[0].e_shentsize != sizeof(Elf64_Shdr) || header[0].e_phentsize != sizeof(Elf64_Phdr))
    return std::nullopt;
  const auto sections = file.read<Elf64_Shdr>(header[0].e_shoff, header[0].e_shnum);
  for (const Elf64_Shdr &table : sections) {
    if ((table.sh_type != SHT_SYMTAB && table.sh_type != SHT_DYNSYM) || table.sh_link >= sections.size()) continue;
    const auto value = value_in(file, table, sections[table.sh_link]);
    if (!value) continue;
    for (const Elf64_Phdr &segment : file.read<Elf64_Phdr>(header[0].e_phoff, header[0].e_phnum))
      if (segment.p_type == PT_LOAD && *value >= segment.p_vaddr && segment.p_filesz >= descriptor_size &&
          *value - segment.p_vaddr <= segment.p_filesz - descriptor_size)
        return segment.p_offset + (*value - segment.p_vaddr);
  }
  return std::nullopt;
}

std::vector<GdbJitFunction> gdb_jit_functions(std::string symfile, std::string &error) {
  std::vector<GdbJitFunction> out;
  const auto symbols = ElfSymbols::from_bytes(std::move(symfile), error);
  if (!symbols) return out;
  for (const ElfSymbol &symbol : symbols->symbols())
    if (symbol.address && symbol.size) out.push_back({symbol.address, symbol.size, symbol.name});
  return out;
}

} // namespace sgperf::formats
