// SPDX-License-Identifier: Apache-2.0
#include "formats/elf_symbols.h"

#include <gelf.h>
#include <libelf.h>
#include <sys/auxv.h>

#include <algorithm>
#include <tuple>

namespace sgperf::formats {
namespace {

constexpr uint64_t largest_vdso = 1 << 16;

struct Candidate {
  ElfSymbol symbol;
  uint64_t section_end = 0;
  int rank = 0; // the smaller the better among those at one address
};

// More than this of names is no symbol table: entries may share bytes of the string table.
uint64_t most_name_bytes(uint64_t table_size) {
  return (uint64_t{16} << 20) + table_size * 64;
}

bool is_function(const GElf_Sym &symbol, const GElf_Shdr &section) {
  const int type = GELF_ST_TYPE(symbol.st_info), binding = GELF_ST_BIND(symbol.st_info);
  if (type == STT_FUNC || type == STT_GNU_IFUNC) return true;
  // Written in assembly, and not said to be a function.
  return type == STT_NOTYPE && binding != STB_LOCAL && (section.sh_flags & SHF_EXECINSTR);
}

// Symbols of one table, unsorted.
void read_table(Elf *elf, Elf_Scn *table, const GElf_Shdr &header, std::vector<Candidate> &out) {
  Elf_Data *data = elf_getdata(table, nullptr);
  const size_t size = gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
  GElf_Ehdr file;
  if (!data || !data->d_buf || size == 0 || !gelf_getehdr(elf, &file)) return;
  uint64_t name_bytes = 0;
  for (size_t i = 1, count = std::min<size_t>(data->d_size / size, INT32_MAX); i < count; ++i) {
    GElf_Sym symbol;
    GElf_Shdr section;
    if (!gelf_getsym(data, static_cast<int>(i), &symbol)) break;
    if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx >= SHN_LORESERVE) continue;
    Elf_Scn *in = elf_getscn(elf, symbol.st_shndx);
    if (!in || !gelf_getshdr(in, &section) || !is_function(symbol, section)) continue;
    const char *name = elf_strptr(elf, header.sh_link, symbol.st_name);
    if (!name || !*name || *name == '$') continue; // "$x": marks of arm and riscv
    Candidate one;
    // In an object file they count from the section, whose address is 0 but in symbol files of JITs.
    const uint64_t base = file.e_type == ET_REL ? section.sh_addr : 0;
    one.symbol = {base + symbol.st_value, symbol.st_size, name};
    name_bytes += one.symbol.name.size();
    if (name_bytes > most_name_bytes(data->d_size)) break;
    one.section_end = section.sh_addr + section.sh_size;
    const int binding = GELF_ST_BIND(symbol.st_info);
    one.rank = (symbol.st_size == 0 ? 4 : 0) + (binding == STB_GLOBAL ? 0 : binding == STB_WEAK ? 1 : 2);
    out.push_back(std::move(one));
  }
}

std::vector<ElfSymbol> read_symbols(Elf *elf, uint32_t type) {
  std::vector<Candidate> all;
  for (Elf_Scn *section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) && header.sh_type == type) read_table(elf, section, header, all);
  }
  // Of several names of one address the same one on every machine and in every build.
  std::sort(all.begin(), all.end(), [](const Candidate &a, const Candidate &b) {
    return std::make_tuple(a.symbol.address, a.rank, a.symbol.name.size(), std::string_view(a.symbol.name)) <
           std::make_tuple(b.symbol.address, b.rank, b.symbol.name.size(), std::string_view(b.symbol.name));
  });
  std::vector<ElfSymbol> out;
  for (size_t i = 0; i < all.size(); ++i) {
    Candidate &one = all[i];
    if (!out.empty() && out.back().address == one.symbol.address) continue;
    if (one.symbol.size == 0) {
      size_t next = i + 1;
      while (next < all.size() && all[next].symbol.address == one.symbol.address) ++next;
      uint64_t end = one.section_end;
      if (next < all.size() && (end <= one.symbol.address || all[next].symbol.address < end))
        end = all[next].symbol.address;
      if (end > one.symbol.address) one.symbol.size = end - one.symbol.address;
    }
    out.push_back(std::move(one.symbol));
  }
  return out;
}

std::vector<ElfSegment> read_segments(Elf *elf) {
  std::vector<ElfSegment> out;
  size_t count = 0;
  if (elf_getphdrnum(elf, &count) != 0) return out;
  for (size_t i = 0; i < count && i < INT32_MAX; ++i) {
    GElf_Phdr header;
    if (!gelf_getphdr(elf, static_cast<int>(i), &header)) break;
    if (header.p_type != PT_LOAD) continue;
    out.push_back({header.p_offset, header.p_filesz, header.p_vaddr, header.p_memsz, (header.p_flags & PF_X) != 0});
  }
  return out;
}

} // namespace

std::unique_ptr<ElfSymbols> ElfSymbols::open(const std::string &path, std::string &error, const DebugFolders &folders) {
  ElfFile file;
  if (!file.open(path, error)) return nullptr;
  auto out = std::make_unique<ElfSymbols>();
  const DebugLink link = debug_link(file.elf());
  out->build_id_ = link.build_id;
  out->segments_ = read_segments(file.elf());
  out->symbols_ = read_symbols(file.elf(), SHT_SYMTAB);
  out->source_ = ".symtab";
  if (out->symbols_.empty()) {
    ElfFile debug;
    std::string unused;
    out->source_ = find_debug_file(path, link, folders);
    if (!out->source_.empty() && debug.open(out->source_, unused))
      out->symbols_ = read_symbols(debug.elf(), SHT_SYMTAB);
  }
  if (out->symbols_.empty()) {
    out->symbols_ = read_symbols(file.elf(), SHT_DYNSYM);
    out->source_ = out->symbols_.empty() ? "" : ".dynsym";
  }
  return out;
}

std::unique_ptr<ElfSymbols> ElfSymbols::from_bytes(std::string bytes, std::string &error) {
  ElfFile file;
  if (!file.open_bytes(std::move(bytes), error)) return nullptr;
  auto out = std::make_unique<ElfSymbols>();
  out->build_id_ = debug_link(file.elf()).build_id;
  out->segments_ = read_segments(file.elf());
  out->symbols_ = read_symbols(file.elf(), SHT_SYMTAB);
  out->source_ = ".symtab";
  if (out->symbols_.empty()) {
    out->symbols_ = read_symbols(file.elf(), SHT_DYNSYM);
    out->source_ = out->symbols_.empty() ? "" : ".dynsym";
  }
  return out;
}

const ElfSymbol *ElfSymbols::find(uint64_t address) const {
  auto it = std::upper_bound(symbols_.begin(), symbols_.end(), address,
                             [](uint64_t at, const ElfSymbol &symbol) { return at < symbol.address; });
  // Functions that end inside another one (hand-written assembly) hide what comes behind them: a few steps back.
  for (int step = 0; it != symbols_.begin() && step < 4; ++step)
    if ((--it)->contains(address)) return &*it;
  return nullptr;
}

std::optional<uint64_t> ElfSymbols::address_of_offset(uint64_t file_offset) const {
  std::optional<uint64_t> out;
  for (const ElfSegment &segment : segments_) {
    if (file_offset < segment.offset || file_offset - segment.offset >= segment.file_size) continue;
    if (segment.executable || !out) out = segment.address + (file_offset - segment.offset);
    if (segment.executable) break;
  }
  return out;
}

std::optional<uint64_t> ElfSymbols::offset_of_address(uint64_t address) const {
  for (const ElfSegment &segment : segments_)
    if (address >= segment.address && address - segment.address < segment.file_size)
      return segment.offset + (address - segment.address);
  return std::nullopt;
}

std::string own_vdso() {
  const auto *base = reinterpret_cast<const char *>(getauxval(AT_SYSINFO_EHDR));
  if (!base) return "";
  Elf64_Ehdr header;
  static_assert(sizeof(void *) == 8, "the vDSO of this process is of 64 bits");
  std::copy_n(base, sizeof header, reinterpret_cast<char *>(&header));
  const uint64_t size = header.e_shoff + uint64_t{header.e_shnum} * header.e_shentsize;
  return header.e_shoff == 0 || size > largest_vdso ? "" : std::string(base, size);
}

} // namespace sgperf::formats
