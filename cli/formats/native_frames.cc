// SPDX-License-Identifier: Apache-2.0
#include "formats/native_frames.h"

#include "formats/elf_symbols.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace sgperf::formats {
namespace {

constexpr int frame_pointer = 6, stack_pointer = 7, return_address = 16; // DWARF's numbers on x86-64

// The rule of a register that is stored at CFA + offset; nullopt: it is another rule.
std::optional<int64_t> stored_at(const Dwarf_Op *ops, size_t count) {
  if (count == 1 && ops[0].atom == DW_OP_call_frame_cfa) return 0;
  if (count == 2 && ops[0].atom == DW_OP_call_frame_cfa && ops[1].atom == DW_OP_plus_uconst)
    return static_cast<int64_t>(ops[1].number);
  return std::nullopt;
}

void read_cfa(Dwarf_Frame *frame, NativeFrame &out) {
  Dwarf_Op *ops = nullptr;
  size_t count = 0;
  if (dwarf_frame_cfa(frame, &ops, &count) != 0 || count != 1) return; // an expression
  int number = -1;
  int64_t offset = 0;
  if (ops[0].atom >= DW_OP_breg0 && ops[0].atom <= DW_OP_breg31) {
    number = ops[0].atom - DW_OP_breg0;
    offset = static_cast<int64_t>(ops[0].number);
  } else if (ops[0].atom == DW_OP_bregx) {
    number = static_cast<int>(ops[0].number);
    offset = static_cast<int64_t>(ops[0].number2);
  } else
    return;
  if (number != frame_pointer && number != stack_pointer) return;
  out.base = number == stack_pointer ? NativeFrame::Base::stack_pointer : NativeFrame::Base::frame_pointer;
  out.cfa_offset = offset;
}

// Ranges of functions, ascending.
std::vector<FrameRanges::Range> read_functions(Elf *elf) {
  size_t names = 0;
  if (elf_getshdrstrndx(elf, &names) != 0) return {};
  for (Elf_Scn *section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (!gelf_getshdr(section, &header) || header.sh_type == SHT_NOBITS) continue;
    const char *name = elf_strptr(elf, names, header.sh_name);
    if (!name || std::strcmp(name, ".eh_frame") != 0) continue;
    const Elf_Data *data = elf_getdata(section, nullptr);
    if (!data || !data->d_buf) return {};
    auto ranges = parse_frames({static_cast<const char *>(data->d_buf), data->d_size}, header.sh_addr).ranges;
    std::sort(ranges.begin(), ranges.end(), [](const auto &a, const auto &b) { return a.start < b.start; });
    return ranges;
  }
  return {};
}

NativeFrame read_frame(Dwarf_Frame *frame) {
  NativeFrame out;
  read_cfa(frame, out);
  Dwarf_Op memory[3], *ops = nullptr;
  size_t count = 0;
  if (dwarf_frame_register(frame, frame_pointer, memory, &ops, &count) == 0)
    out.frame_pointer_at = stored_at(ops, count);
  if (dwarf_frame_register(frame, return_address, memory, &ops, &count) == 0) {
    out.return_address_at = stored_at(ops, count);
    out.outermost = ops == memory && count == 0; // undefined
  }
  return out;
}

} // namespace

struct NativeFrames::File {
  ElfFile elf, debug_elf;
  Dwarf_CFI *eh = nullptr;
  Dwarf *dwarf = nullptr; // owns its CFI
  std::unordered_map<uint64_t, std::optional<NativeFrame>> known;
  std::vector<FrameRanges::Range> functions;
  bool functions_read = false;

  ~File() {
    if (eh) dwarf_cfi_end(eh);
    if (dwarf) dwarf_end(dwarf);
  }
  void open(const std::string &path, const std::string &build_id, const DebugFolders &folders) {
    std::string unused;
    if (path == "[vdso]" ? !elf.open_bytes(own_vdso(), unused) : !elf.open(path, unused)) return;
    GElf_Ehdr header;
    if (!gelf_getehdr(elf.elf(), &header) || header.e_machine != EM_X86_64) return;
    const DebugLink link = debug_link(elf.elf());
    if (!build_id.empty() && !link.build_id.empty() && link.build_id != build_id) return; // replaced since
    eh = dwarf_getcfi_elf(elf.elf());
    if (elf.has_section(".debug_frame"))
      dwarf = dwarf_begin_elf(elf.elf(), DWARF_C_READ, nullptr);
    else if (!eh && path != "[vdso]") {
      const std::string from = find_debug_file(path, link, folders);
      if (!from.empty() && debug_elf.open(from, unused))
        dwarf = dwarf_begin_elf(debug_elf.elf(), DWARF_C_READ, nullptr);
    }
  }
  std::optional<NativeFrame> read(uint64_t address) {
    for (Dwarf_CFI *cfi : {eh, dwarf ? dwarf_getcfi(dwarf) : nullptr}) {
      Dwarf_Frame *frame = nullptr;
      if (!cfi || dwarf_cfi_addrframe(cfi, address, &frame) != 0) continue;
      const NativeFrame out = read_frame(frame);
      std::free(frame);
      return out;
    }
    return std::nullopt;
  }
};

NativeFrames::NativeFrames(DebugFolders folders) : folders_(std::move(folders)) {}
NativeFrames::~NativeFrames() = default;

NativeFrames::File &NativeFrames::file(const std::string &path, const std::string &build_id) {
  auto &file = files_[build_id.empty() ? path : build_id];
  if (!file) {
    file = std::make_unique<File>();
    file->open(path, build_id, folders_);
  }
  return *file;
}

const NativeFrame *NativeFrames::find(const std::string &path, const std::string &build_id, uint64_t address) {
  File &one = file(path, build_id);
  const auto [at, added] = one.known.try_emplace(address);
  if (added) at->second = one.read(address);
  return at->second ? &*at->second : nullptr;
}

const FrameRanges::Range *NativeFrames::function(const std::string &path, const std::string &build_id,
                                                 uint64_t address) {
  File &one = file(path, build_id);
  if (!one.functions_read) {
    one.functions_read = true;
    if (one.eh) one.functions = read_functions(one.elf.elf());
  }
  const auto later = std::upper_bound(one.functions.begin(), one.functions.end(), address,
                                      [](uint64_t at, const auto &range) { return at < range.start; });
  if (later == one.functions.begin() || address - (later - 1)->start >= (later - 1)->size) return nullptr;
  return &*(later - 1);
}

} // namespace sgperf::formats
