// SPDX-License-Identifier: Apache-2.0
#include "formats/wasm_lines.h"

#include "formats/code_offsets.h"

#include <elf.h>
#include <elfutils/libdw.h>
#include <libelf.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

namespace sgperf::formats {
namespace {

constexpr std::string_view prefix = ".debug_";

// An ELF file with the debug sections and nothing else.  Of 32 bits, as Wasm is; units say themselves how wide their
// addresses are, and libdw goes by them.  The machine only tells that nothing is to be relocated.
std::string elf_around(std::string_view bytes, const WasmModule &module) {
  std::string out(sizeof(Elf32_Ehdr), '\0');
  std::string names(1, '\0');
  std::vector<Elf32_Shdr> sections(1);
  const auto add = [&](const std::string &name, std::string_view content, uint32_t type) {
    Elf32_Shdr section{};
    section.sh_name = static_cast<uint32_t>(names.size());
    section.sh_type = type;
    section.sh_offset = static_cast<uint32_t>(out.size());
    section.sh_size = static_cast<uint32_t>(content.size());
    section.sh_addralign = 1;
    names.append(name) += '\0';
    out.append(content);
    sections.push_back(section);
  };
  for (const WasmCustomSection &one : module.custom) {
    if (one.name.compare(0, prefix.size(), prefix) != 0 || one.offset > bytes.size()) continue;
    if (sections.size() >= SHN_LORESERVE - 2 || one.name.size() > 64 || one.name.find('\0') != std::string::npos)
      continue;
    add(one.name, bytes.substr(one.offset, one.size), SHT_PROGBITS);
  }
  const std::string own = ".shstrtab";
  std::string all_names = names + own + '\0';
  const auto at = static_cast<uint32_t>(names.size());
  add(own, all_names, SHT_STRTAB);
  sections.back().sh_name = at;
  out.resize((out.size() + 7) / 8 * 8);

  Elf32_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS32;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_EXEC;
  header.e_machine = EM_386;
  header.e_version = EV_CURRENT;
  header.e_shoff = static_cast<uint32_t>(out.size());
  header.e_ehsize = sizeof header;
  header.e_shentsize = sizeof(Elf32_Shdr);
  header.e_shnum = static_cast<uint16_t>(sections.size());
  header.e_shstrndx = static_cast<uint16_t>(sections.size() - 1);
  std::memcpy(out.data(), &header, sizeof header);
  out.append(reinterpret_cast<const char *>(sections.data()), sections.size() * sizeof(Elf32_Shdr));
  return out;
}

} // namespace

struct WasmLines::Debug {
  std::string image; // the ELF file; libelf reads it in place
  uint64_t code_payload = 0, code_size = 0;
  std::optional<CodeOffsets> offsets; // of a rewritten module, whose debug sections speak of the one it was made from
  Elf *elf = nullptr;
  Dwarf *dwarf = nullptr;
  std::unique_ptr<DwarfLines> lines;

  ~Debug() {
    lines.reset();
    if (dwarf) dwarf_end(dwarf);
    if (elf) elf_end(elf);
  }
};

std::unique_ptr<WasmLines> WasmLines::open(std::string_view bytes, const WasmModule &module, std::string &why) {
  why = missing_lines(module, bytes);
  if (!why.empty()) {
    if (module.odd[WasmOdd::section_cut]) why = "the module's file is cut, and its debug sections with it: " + why;
    return nullptr;
  }
  if (!module.code_payload) {
    why = "the module has no Code section";
    return nullptr;
  }
  auto debug = std::make_unique<Debug>();
  if (const WasmCustomSection *section = module.custom_section(CodeOffsets::section_name)) {
    debug->offsets =
        CodeOffsets::parse(bytes.substr(std::min<uint64_t>(section->offset, bytes.size()), section->size), why);
    if (!debug->offsets) return nullptr;
  }
  debug->image = elf_around(bytes, module);
  debug->code_payload = module.code_payload;
  debug->code_size = module.code_size;
  elf_version(EV_CURRENT);
  debug->elf = elf_memory(debug->image.data(), debug->image.size());
  debug->dwarf = debug->elf ? dwarf_begin_elf(debug->elf, DWARF_C_READ, nullptr) : nullptr;
  if (!debug->dwarf) {
    why = std::string("the module's debug sections cannot be read: ") +
          (debug->elf ? dwarf_errmsg(-1) : elf_errmsg(-1)) + "; rebuild the module with -g";
    return nullptr;
  }
  debug->lines = std::make_unique<DwarfLines>(debug->dwarf, false);
  return std::unique_ptr<WasmLines>(new WasmLines(std::move(debug)));
}

WasmLines::WasmLines(std::unique_ptr<Debug> debug) : debug_(std::move(debug)) {}
WasmLines::~WasmLines() = default;

const SourcePlace *WasmLines::find(uint64_t position) {
  if (position < debug_->code_payload || position - debug_->code_payload >= debug_->code_size) return nullptr;
  uint64_t address = position - debug_->code_payload;
  if (debug_->offsets) {
    const auto before = debug_->offsets->before(address);
    if (!before) return nullptr;
    address = *before;
  }
  return debug_->lines->find(address);
}

} // namespace sgperf::formats
