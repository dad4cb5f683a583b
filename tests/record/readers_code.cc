// SPDX-License-Identifier: Apache-2.0
// Readers of modules, code images, symbols and lines (readers.h).
#include "record/readers.h"

#include "formats/code_image.h"
#include "formats/code_image_frames.h"
#include "formats/demangle.h"
#include "formats/elf_symbols.h"
#include "formats/elf_symbols_kernel.h"
#include "formats/wasm_contents.h"
#include "formats/wasm_difference.h"
#include "formats/wasm_lines.h"
#include "formats/wasm_rewrite.h"
#include "libsgperf/entry_layout.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace sgperf::test {

using namespace formats;

namespace {

constexpr uint64_t base = 0x10000; // of what is memory of a process
const std::string elf_magic = "\177ELF";

void require(bool condition) {
  if (!condition) std::abort();
}

ReadMemory memory(const std::string &bytes) {
  return [&bytes](uint64_t address, void *to, size_t size) {
    if (address < base || address - base > bytes.size() || bytes.size() - (address - base) < size) return false;
    std::memcpy(to, bytes.data() + (address - base), size);
    return true;
  };
}

void require_ascending(const AddressMap &map) {
  const auto &entries = map.entries();
  for (size_t i = 1; i < entries.size(); ++i) require(entries[i - 1].text_offset <= entries[i].text_offset);
  if (!entries.empty()) require(map.find(entries.back().text_offset) == &entries.back());
}

// As the library in the target does it, on memory that ends where it ends.
void find_entry(const std::string &image, const std::string &module) {
  const std::vector<char> one(image.begin(), image.end()), other(module.begin(), module.end());
  sgperf_entry_points points;
  if (!sgperf_find_entry(one.data(), one.size(), other.empty() ? nullptr : other.data(), other.size(), &points)) return;
  require(points.entry < image.size() && points.normal_return < image.size() && points.unwind_return < image.size());
}

} // namespace

bool read_as_wasm_module(const std::string &bytes) {
  std::string error;
  const auto module = parse_wasm_module(bytes, error);
  uint32_t start = 0;
  const std::vector<char> exact(bytes.begin(), bytes.end());
  sgperf_exported_start(exact.data(), exact.size(), &start);
  if (!module) return false;
  uint64_t end = 0;
  for (const WasmBody &body : module->bodies) {
    require(body.offset >= end && body.offset <= bytes.size() && body.size <= bytes.size() - body.offset);
    end = body.offset + body.size;
    if (body.size) require(module->function_at(end - 1) == module->function_at(body.offset));
  }
  for (const WasmCustomSection &one : module->custom)
    require(one.offset <= bytes.size() && one.size <= bytes.size() - one.offset);
  for (uint32_t i = 0; i <= module->function_count(); ++i) require(!module->function_name(i).name.empty());
  require(module->parameters.size() == module->function_count());
  missing_names(*module);
  missing_lines(*module, bytes);
  return true;
}

bool read_as_wasm_contents(const std::string &bytes) {
  std::string error;
  const auto contents = read_wasm_contents(bytes, error);
  require(contents.has_value() == error.empty());
  if (!contents) return false;
  uint64_t categories = 0, groups = 0, sections = 0;
  for (const uint64_t n : wasm_categories(contents->operators).counts) categories += n;
  for (const uint64_t n : wasm_groups(contents->operators).counts) groups += n;
  require(categories == contents->operators.total && groups == categories);
  require(contents->operators.total <= bytes.size());
  for (const auto &one : contents->sections) sections += one.size;
  require(sections <= bytes.size() && contents->data_bytes <= bytes.size());
  require(contents->debug_bytes() <= bytes.size());
  require(contents->unknown.empty() == (contents->unknown_functions == 0));
  uint64_t before = UINT64_MAX;
  for (const uint32_t index : contents->largest(5)) {
    const uint64_t size = contents->module.bodies.at(index - contents->module.imported_functions.size()).size;
    require(size <= before);
    before = size;
  }
  require(wasm_differences(bytes, bytes).empty());
  std::string other = bytes;
  other[other.size() / 2] = static_cast<char>(other[other.size() / 2] ^ 1);
  require(!wasm_differences(bytes, other).empty());
  return true;
}

bool read_as_wasm_rewrite(const std::string &bytes) {
  for (const WasmMark::Call call : {WasmMark::Call::write, WasmMark::Call::sleep}) {
    std::string error;
    const auto out = replace_bench_imports(bytes, {call, 3, 2}, {call, 4, 2}, error);
    require(out.has_value() == error.empty());
    if (!out) return false;
    const auto old = parse_wasm_module(bytes, error), now = parse_wasm_module(out->bytes, error);
    require(old && now);
    for (const WasmImport &import : now->imported_functions) require(import.module != "bench");
    require(now->index_space_known && now->imported_functions.size() == old->imported_functions.size());
    const size_t added = now->bodies.size() - old->bodies.size();
    require(added == 1 || added == 2);
    for (size_t i = 0; i < now->bodies.size(); ++i) {
      const auto before = out->offsets.before(now->bodies[i].offset - now->code_payload);
      require(before.has_value() == (i < old->bodies.size()));
      if (before) require(*before == old->bodies[i].offset - old->code_payload);
    }
    const WasmCustomSection *section = now->custom_section(CodeOffsets::section_name);
    require(section != nullptr);
    const auto kept = CodeOffsets::parse(std::string_view(out->bytes).substr(section->offset, section->size), error);
    require(kept && kept->text() == out->offsets.text());
    require(!replace_bench_imports(out->bytes, {call, 3, 2}, {call, 4, 2}, error));
  }
  return true;
}

bool read_as_wasm_lines(const std::string &bytes) {
  std::string error;
  const auto module = parse_wasm_module(bytes, error);
  if (!module) return false;
  const auto lines = WasmLines::open(bytes, *module, error);
  require(bool(lines) != !error.empty());
  bool any = false;
  int looked = 0;
  for (const WasmBody &body : module->bodies)
    for (uint64_t at = body.offset; lines && at < body.offset + body.size && ++looked < 500; ++at)
      if (const SourcePlace *place = lines->find(at)) {
        require(!place->frames.empty());
        any = true;
      }
  return any;
}

bool read_as_code_image(const std::string &behind_magic) {
  const std::string bytes = elf_magic + behind_magic;
  std::string error;
  const auto image = parse_image(bytes, error);
  find_entry(bytes, "");
  find_entry(bytes, std::string("\0asm\1\0\0\0\7\x0a\1\6_start\0\5", 20));
  // The same as memory, with code where the image says it is, and everywhere.
  std::vector<MemoryRange> maps;
  const uint64_t end = base + (bytes.size() + 4095) / 4096 * 4096;
  if (image) {
    const uint64_t text = base + image->text_offset;
    maps = {{base, text, true, false, 0, ""}, {text, end, true, true, 0, ""}};
  }
  for (const auto hint : {ImageHint::text, ImageHint::eh_frame})
    for (const uint64_t address : {base, end - 1, image ? base + image->eh_frame_offset : base + 64})
      if (const auto found = find_image(memory(bytes), maps, address, hint, error))
        require(found->base >= base && found->length <= bytes.size() - (found->base - base));
  if (!image) return false;
  require(image->size <= bytes.size() && image->text_offset <= bytes.size());
  require(image->text_size <= bytes.size() - image->text_offset);
  WasmModule module;
  for (const ImageFunction &one : image->functions) {
    require(one.offset < image->text_size && one.size <= image->text_size - one.offset);
    if (one.size) require(image->function_at(one.offset) != nullptr);
    image->file_position(one.offset + one.size / 2);
    module.bodies.push_back({1 + module.bodies.size() * 64, 63});
  }
  fits(module, *image);
  return !image->functions.empty();
}

bool read_as_address_map(const std::string &bytes) {
  std::string error;
  const auto map = AddressMap::parse(bytes, error);
  require(bool(map) == error.empty());
  if (!map) return false;
  require(map->entries().size() <= bytes.size());
  require_ascending(*map);
  return true;
}

bool read_as_frames(const std::string &bytes) {
  const FrameRanges frames = parse_frames(bytes, base);
  require(frames.length <= bytes.size() && frames.ranges.size() <= bytes.size() / 4);
  for (const auto &range : frames.ranges) require(range.size > 0 && range.start + range.size > range.start);
  // Memory is there in pages.
  const std::string pages = bytes + std::string(4096 - bytes.size() % 4096, '\xff');
  require(read_frames(memory(pages), base).ranges == parse_frames(pages, base).ranges);
  return !frames.ranges.empty();
}

bool read_as_elf_symbols(const std::string &behind_magic) {
  std::string error;
  const auto symbols = ElfSymbols::from_bytes(elf_magic + behind_magic, error);
  if (!symbols) return false;
  const auto &all = symbols->symbols();
  for (size_t i = 0; i < all.size(); ++i) {
    require(i == 0 || all[i - 1].address < all[i].address);
    symbols->find(all[i].address);
    symbols->offset_of_address(all[i].address);
    symbols->address_of_offset(all[i].size);
  }
  return !all.empty();
}

bool read_as_kernel_symbols(const std::string &bytes) {
  const KernelSymbols symbols = KernelSymbols::parse(bytes);
  require(symbols.symbols().empty() != symbols.why().empty());
  for (const KernelSymbol &one : symbols.symbols()) require(symbols.find(one.address) == &one);
  parse_maps(bytes);
  return !symbols.symbols().empty();
}

bool read_as_mangled(const std::string &bytes) {
  for (const bool parameters : {true, false}) {
    const std::string out = demangle(bytes, {parameters});
    require(out.size() <= std::max(bytes.size(), demangled_limit) + bytes.size() + 16);
  }
  return demangle(bytes) != bytes;
}

} // namespace sgperf::test
