// SPDX-License-Identifier: Apache-2.0
#include "formats/code_image.h"

#include "formats/code_image_layout.h"

#include <algorithm>
#include <cstring>

namespace sgperf::formats {
namespace {

constexpr uint8_t osabi_wasmtime = 200;  // e_ident[EI_OSABI]
constexpr uint32_t flag_component = 2;   // e_flags
constexpr uint16_t most_sections = 1024; // images have some 15

std::string_view content(std::string_view bytes, const Elf64_Shdr &section) {
  if (section.sh_type == SHT_NOBITS || section.sh_offset > bytes.size() ||
      section.sh_size > bytes.size() - section.sh_offset)
    return {};
  return bytes.substr(section.sh_offset, section.sh_size);
}

void read_symbol(ImageFunction &out) {
  const JitName name = parse_jit_name(out.symbol);
  out.kind = name.kind;
  out.module = name.module_number;
  out.index = name.index;
}

} // namespace

const char *to_text(ImageOdd kind) {
  switch (kind) {
  case ImageOdd::symbol_table:
    return "damaged symbol table";
  case ImageOdd::symbol_outside_text:
    return "symbol outside .text";
  case ImageOdd::symbol_name:
    return "symbol whose name was too much text";
  case ImageOdd::count:
    break;
  }
  return "?";
}

const char *check_image_header(const Elf64_Ehdr &header, uint64_t &length) {
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return "no ELF header";
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB)
    return "not of 64 bits and little-endian";
  if (header.e_phnum != 0) return "it has segments: a program or a library";
  if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shnum == 0 || header.e_shnum > most_sections ||
      header.e_shstrndx >= header.e_shnum)
    return "no table of sections";
  const uint64_t table = uint64_t{header.e_shnum} * sizeof(Elf64_Shdr);
  // Images have 32-bit offsets in them.
  if (header.e_shoff < sizeof header || header.e_shoff > (uint64_t{1} << 32) - table)
    return "its table of sections is beyond 4 GiB or inside the header";
  length = header.e_shoff + table;
  return nullptr;
}

std::string_view text_at(std::string_view strings, uint64_t offset) {
  if (offset >= strings.size()) return {};
  const auto rest = strings.substr(offset);
  return rest.substr(0, rest.find('\0'));
}

size_t find_section(const std::vector<Elf64_Shdr> &sections, std::string_view names, std::string_view wanted) {
  for (size_t i = 1; i < sections.size(); ++i)
    if (text_at(names, sections[i].sh_name) == wanted) return i;
  return 0;
}

std::optional<CodeImage> parse_image(std::string_view bytes, std::string &error) {
  Elf64_Ehdr header;
  if (bytes.size() < sizeof header) {
    error = "expected a code image (an ELF file), found " + std::to_string(bytes.size()) + " bytes";
    return std::nullopt;
  }
  std::memcpy(&header, bytes.data(), sizeof header);
  CodeImage out;
  if (const char *why = check_image_header(header, out.size)) {
    error = std::string("expected a code image, found something else: ") + why;
    return std::nullopt;
  }
  if (out.size > bytes.size()) {
    error = "expected a code image of " + std::to_string(out.size) + " bytes, found " + std::to_string(bytes.size()) +
            ": it is cut";
    return std::nullopt;
  }
  bytes = bytes.substr(0, out.size);
  std::vector<Elf64_Shdr> sections(header.e_shnum);
  std::memcpy(sections.data(), bytes.data() + header.e_shoff, sections.size() * sizeof(Elf64_Shdr));
  const auto names = content(bytes, sections[header.e_shstrndx]);
  const size_t text = find_section(sections, names, ".text");
  if (!text || content(bytes, sections[text]).empty()) {
    error = "expected a code image, found an ELF file without code: no .text, or an empty one, or not all of it";
    return std::nullopt;
  }
  out.machine = header.e_machine;
  out.component = header.e_ident[EI_OSABI] == osabi_wasmtime && (header.e_flags & flag_component);
  out.text_offset = sections[text].sh_offset;
  out.text_size = sections[text].sh_size;
  if (const size_t frames = find_section(sections, names, ".eh_frame");
      frames && !content(bytes, sections[frames]).empty()) {
    out.eh_frame_offset = sections[frames].sh_offset;
    out.eh_frame_size = sections[frames].sh_size;
  }

  for (const Elf64_Shdr &table : sections) {
    if (table.sh_type != SHT_SYMTAB) continue;
    const auto symbols = content(bytes, table);
    const auto strings = table.sh_link < sections.size() ? content(bytes, sections[table.sh_link]) : std::string_view();
    if (symbols.empty() || strings.empty() || table.sh_entsize != sizeof(Elf64_Sym)) {
      out.odd.add(ImageOdd::symbol_table);
      continue;
    }
    // Names may overlap in the string table: together they are bounded all the same, by many times the file at most.
    uint64_t name_bytes = 0;
    for (size_t at = 0; symbols.size() - at >= sizeof(Elf64_Sym); at += sizeof(Elf64_Sym)) {
      Elf64_Sym symbol;
      std::memcpy(&symbol, symbols.data() + at, sizeof symbol);
      if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx != text) continue;
      // Relocatable: offsets in the section.  Else addresses, of which the section's is taken off.
      const uint64_t offset = header.e_type == ET_REL ? symbol.st_value : symbol.st_value - sections[text].sh_addr;
      if (offset >= out.text_size || symbol.st_size > out.text_size - offset) {
        out.odd.add(ImageOdd::symbol_outside_text);
        continue;
      }
      ImageFunction one;
      one.offset = offset;
      one.size = symbol.st_size;
      one.symbol = text_at(strings, symbol.st_name);
      name_bytes += one.symbol.size();
      if (name_bytes > 4 * bytes.size()) {
        out.odd.add(ImageOdd::symbol_name);
        one.symbol.clear();
      }
      read_symbol(one);
      out.functions.push_back(std::move(one));
    }
  }
  std::stable_sort(out.functions.begin(), out.functions.end(),
                   [](const ImageFunction &a, const ImageFunction &b) { return a.offset < b.offset; });

  if (const size_t map = find_section(sections, names, ".wasmtime.addrmap")) {
    std::string why;
    out.map = AddressMap::parse(content(bytes, sections[map]), why);
    if (!out.map) out.map_error = "the image's address map is not understood: " + why;
  } else
    out.map_error = "the image has no address map (.wasmtime.addrmap): names only, no lines";
  return out;
}

const ImageFunction *CodeImage::function_at(uint64_t at) const {
  auto it = std::upper_bound(functions.begin(), functions.end(), at,
                             [](uint64_t offset, const ImageFunction &one) { return offset < one.offset; });
  // Symbols of size 0 may stand at the same offset.
  while (it != functions.begin()) {
    --it;
    if (it->contains(at)) return &*it;
    if (it->size != 0) break;
  }
  return nullptr;
}

std::optional<uint32_t> CodeImage::file_position(uint64_t at) const {
  if (!map) return std::nullopt;
  const ImageFunction *function = function_at(at);
  if (!function || function->kind != JitNameKind::wasm_function) return std::nullopt;
  const AddressMap::Entry *entry = map->find(at);
  // An entry of the function before it says nothing about this one.
  if (!entry || entry->text_offset < function->offset || entry->file_position == AddressMap::none) return std::nullopt;
  return entry->file_position;
}

std::optional<uint32_t> CodeImage::position_near(uint64_t at) const {
  if (const auto exact = file_position(at)) return exact;
  const ImageFunction *function = map ? function_at(at) : nullptr;
  if (!function || function->kind != JitNameKind::wasm_function) return std::nullopt;
  const auto &entries = map->entries();
  const auto below = [](uint64_t offset, const AddressMap::Entry &entry) { return offset < entry.text_offset; };
  const auto next = std::upper_bound(entries.begin(), entries.end(), at, below);
  for (auto entry = next; entry != entries.begin() && (entry - 1)->text_offset >= function->offset; --entry)
    if ((entry - 1)->file_position != AddressMap::none) return (entry - 1)->file_position;
  for (auto entry = next; entry != entries.end() && function->contains(entry->text_offset); ++entry)
    if (entry->file_position != AddressMap::none) return entry->file_position;
  return std::nullopt;
}

Fit fits(const WasmModule &module, const CodeImage &image, uint32_t module_index) {
  Fit out;
  if (!module.index_space_known) {
    out.why = "the module is damaged: its functions cannot be counted";
    return out;
  }
  if (image.component) {
    out.why = "the image was made of a component, whose positions are not those of a module";
    return out;
  }
  std::vector<bool> seen(module.bodies.size());
  uint64_t count = 0;
  const uint64_t imports = module.imported_functions.size();
  for (const ImageFunction &one : image.functions) {
    if (one.kind != JitNameKind::wasm_function || one.module != module_index || !one.index) continue;
    const uint64_t index = *one.index;
    if (index < imports || index - imports >= seen.size() || seen[index - imports]) {
      out.why = "the image has a function " + std::to_string(index) + ", the module's own are " +
                std::to_string(imports) + " to " + std::to_string(module.function_count()) + ", each once";
      return out;
    }
    seen[index - imports] = true;
    ++count;
  }
  if (count != seen.size()) {
    out.why = "the image has " + std::to_string(count) + " functions, the module " + std::to_string(seen.size());
    return out;
  }
  if (image.map) {
    const ImageFunction *function = nullptr;
    for (const AddressMap::Entry &entry : image.map->entries()) {
      if (entry.file_position == AddressMap::none) continue;
      ++out.positions;
      if (!function || !function->contains(entry.text_offset)) function = image.function_at(entry.text_offset);
      const auto in = module.function_at(entry.file_position);
      if (in && function && function->index == in) continue;
      out.why = "the image's code at " + std::to_string(entry.text_offset) + ", of " +
                (function ? "`" + function->symbol + "`" : "no function") + ", was made from byte " +
                std::to_string(entry.file_position) + " of the file, where the module has " +
                (in ? "function " + std::to_string(*in) : "no function body");
      return out;
    }
  }
  out.fits = true;
  return out;
}

} // namespace sgperf::formats
