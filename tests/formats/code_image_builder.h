// SPDX-License-Identifier: Apache-2.0
// Code images made in the test: the sections of Wasmtime's, with what the test puts in.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace sgperf::test {

template <typename Number> void put(std::string &out, Number value) {
  out.append(reinterpret_cast<const char *>(&value), sizeof value);
}
inline void put_uleb(std::string &out, uint64_t value) {
  do {
    const auto byte = static_cast<char>((value & 0x7f) | (value >> 7 ? 0x80 : 0));
    out += byte;
    value >>= 7;
  } while (value);
}
inline void put_sleb(std::string &out, int64_t value) {
  for (bool more = true; more;) {
    auto byte = static_cast<uint8_t>(value & 0x7f);
    value >>= 7;
    more = !((value == 0 && !(byte & 0x40)) || (value == -1 && (byte & 0x40)));
    out += static_cast<char>(more ? byte | 0x80 : byte);
  }
}

struct AddressEntry {
  uint32_t offset, position; // position UINT32_MAX: none
};

inline std::string flat_address_map(const std::vector<AddressEntry> &entries) {
  std::string out;
  put(out, static_cast<uint32_t>(entries.size()));
  for (const auto &entry : entries) put(out, entry.offset);
  for (const auto &entry : entries) put(out, entry.position);
  return out;
}

inline std::string block_address_map(const std::vector<AddressEntry> &entries) {
  std::string index, bodies;
  for (size_t block = 0; block < entries.size(); block += 128) {
    put(index, entries[block].offset);
    put(index, static_cast<uint32_t>(bodies.size()));
    uint32_t offset = entries[block].offset;
    int64_t position = -1;
    for (size_t i = block; i < entries.size() && i < block + 128; ++i) {
      const bool none = entries[i].position == UINT32_MAX;
      put_uleb(bodies, uint64_t{entries[i].offset - offset} << 1 | none);
      offset = entries[i].offset;
      if (none) continue;
      if (position < 0)
        put_uleb(bodies, entries[i].position);
      else
        put_sleb(bodies, int64_t{entries[i].position} - position);
      position = entries[i].position;
    }
  }
  std::string out;
  put(out, static_cast<uint32_t>(entries.size()));
  put(out, static_cast<uint32_t>(index.size() / 8));
  return out + index + bodies;
}

struct ImageSymbol {
  std::string name;
  uint64_t offset = 0, size = 0;
};

struct ImageBuilder {
  std::string before_text; // of whole pages: .rodata in front of .text
  std::string text = std::string(4096, '\xcc');
  std::string eh_frame = std::string(16, '\0');
  std::string address_map;
  std::vector<ImageSymbol> symbols;

  std::string build() const {
    struct Section {
      std::string name, content;
      uint32_t type = SHT_PROGBITS;
      uint64_t align = 1, entry = 0;
      uint32_t link = 0;
    };
    std::string symtab(sizeof(Elf64_Sym), '\0'), strtab(1, '\0');
    for (const ImageSymbol &one : symbols) {
      Elf64_Sym symbol{};
      symbol.st_name = static_cast<uint32_t>(strtab.size());
      symbol.st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC);
      symbol.st_shndx = 2;
      symbol.st_value = one.offset;
      symbol.st_size = one.size;
      put(symtab, symbol);
      strtab += one.name + '\0';
    }
    const std::vector<Section> sections{{".rodata.wasm", before_text, SHT_PROGBITS, 4096},
                                        {".text", text, SHT_PROGBITS, 4096},
                                        {".eh_frame", eh_frame},
                                        {".wasmtime.addrmap", address_map},
                                        {".symtab", symtab, SHT_SYMTAB, 8, sizeof(Elf64_Sym), 6},
                                        {".strtab", strtab, SHT_STRTAB},
                                        {".shstrtab", "", SHT_STRTAB}};
    std::string out(sizeof(Elf64_Ehdr), '\0'), names(1, '\0');
    std::vector<Elf64_Shdr> headers(1);
    for (const Section &one : sections) {
      Elf64_Shdr header{};
      header.sh_name = static_cast<uint32_t>(names.size());
      names += one.name + '\0';
      header.sh_type = one.type;
      header.sh_link = one.link;
      header.sh_entsize = one.entry;
      header.sh_addralign = one.align;
      out.resize((out.size() + one.align - 1) / one.align * one.align);
      header.sh_offset = out.size();
      const std::string &content = &one == &sections.back() ? names : one.content;
      header.sh_size = content.size();
      out += content;
      headers.push_back(header);
    }
    out.resize((out.size() + 7) / 8 * 8);
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_ident[EI_OSABI] = 200;
    header.e_type = ET_REL;
    header.e_machine = EM_X86_64;
    header.e_version = EV_CURRENT;
    header.e_flags = 1;
    header.e_ehsize = sizeof header;
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shoff = out.size();
    header.e_shnum = static_cast<uint16_t>(headers.size());
    header.e_shstrndx = header.e_shnum - 1;
    std::memcpy(out.data(), &header, sizeof header);
    for (const Elf64_Shdr &one : headers) put(out, one);
    return out;
  }
};

// Two functions and a trampoline behind them, with lines for the functions.
inline ImageBuilder small_image() {
  ImageBuilder out;
  out.symbols = {{"wasm[0]::function[1]::fib", 0, 64},
                 {"wasm[0]::function[2]", 64, 32},
                 {"wasm[0]::array_to_wasm_trampoline[2]", 96, 20}};
  out.address_map = block_address_map({{0, 1000}, {10, 1005}, {20, UINT32_MAX}, {30, 1002}, {70, 2000}});
  return out;
}

} // namespace sgperf::test
