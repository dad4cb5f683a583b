// SPDX-License-Identifier: Apache-2.0
// Code images of Wasmtime and its kin: a complete ELF file in the memory of a process, or the same bytes in a .cwasm
// file.  Sections used: .text, .symtab (wasm[0]::function[6]::fib, offsets within .text), .eh_frame, .wasmtime.addrmap.
#pragma once

#include "formats/address_map.h"
#include "formats/jit_name.h"
#include "formats/odd_counts.h"
#include "formats/read_memory.h"
#include "formats/wasm_module.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::formats {

// A line of /proc/PID/maps.
struct MemoryRange {
  uint64_t start = 0, end = 0;
  bool readable = false, executable = false;
  uint64_t offset = 0; // in the file
  std::string path;    // empty: anonymous
};
// Lines that are none are left out; sorted by address.
std::vector<MemoryRange> parse_maps(std::string_view text);

struct FoundImage {
  uint64_t base = 0, length = 0; // all of it: e_shoff + e_shnum * e_shentsize, never a mapping's end
  uint64_t text = 0, text_size = 0;
  uint64_t eh_frame = 0, eh_frame_size = 0; // 0: the image has none
  std::string path;                         // of the file it is mapped from; empty: anonymous memory
};

enum class ImageHint : uint8_t {
  text,     // an address in the machine code: a sample's, or the start of an executable mapping
  eh_frame, // what was given to __register_frame()
};

// Steps back from `address` page by page to an ELF header that proves itself: base + offset of .text is the start of an
// executable range that holds all of it, and base + offset of .eh_frame is the pointer (or .text holds the address).
// Neighbouring mappings merge as soon as two images are alive, and addresses are used again, so nothing else is proof,
// and nothing may be remembered.  nullopt: no such image; `why` says what was found instead.
// The search ends at the first gap, at memory that cannot be read, or after `max_distance` bytes.
std::optional<FoundImage> find_image(const ReadMemory &read, const std::vector<MemoryRange> &maps, uint64_t address,
                                     ImageHint hint, std::string &why, uint64_t max_distance = uint64_t{1} << 30);
// Every image that is mapped: for a late attach.  By base.
std::vector<FoundImage> find_images(const ReadMemory &read, const std::vector<MemoryRange> &maps);

struct ImageFunction {
  uint64_t offset = 0, size = 0; // in .text
  std::string symbol;            // as it stands in the image
  JitNameKind kind = JitNameKind::other;
  // Of wasm[module]::function[index]; the trampoline wasm[0]::array_to_wasm_trampoline[index] enters that function.
  std::optional<uint32_t> module, index;
  bool contains(uint64_t text_offset) const { return text_offset >= offset && text_offset - offset < size; }
};

enum class ImageOdd : uint8_t {
  symbol_table, // not readable
  symbol_outside_text,
  symbol_name, // too much text in all: left out
  count
};
const char *to_text(ImageOdd kind);

struct CodeImage {
  uint64_t size = 0;                               // bytes that belong to the image
  uint16_t machine = 0;                            // e_machine: 62 x86-64, 183 aarch64, ..
  bool component = false;                          // made of a component, not of a module
  uint64_t text_offset = 0, text_size = 0;         // in the image
  uint64_t eh_frame_offset = 0, eh_frame_size = 0; // 0: none
  std::vector<ImageFunction> functions;            // by offset
  std::optional<AddressMap> map;                   // nullopt: `map_error` says why
  std::string map_error;
  OddCounts<ImageOdd> odd;

  const ImageFunction *function_at(uint64_t text_offset) const; // nullptr: none
  // Byte offset in the .wasm file of the instruction that this code was made from; nullopt: none is known.  For return
  // addresses give address - 1.
  std::optional<uint32_t> file_position(uint64_t text_offset) const;
  // The same, or, where the engine has dropped what the instruction was made from (Cranelift does so for arithmetic
  // that it moves: three of the four instructions of a loop x = x * a + b), of the last instruction in front of it in
  // the function that has a position, else of the first one.
  std::optional<uint32_t> position_near(uint64_t text_offset) const;
};

// nullopt: not such an image; `error` says what was expected and found.  Bytes beyond the image are ignored.
std::optional<CodeImage> parse_image(std::string_view bytes, std::string &error);

struct Fit {
  bool fits = false;
  std::string why;        // it does not
  uint64_t positions = 0; // of the address map that were looked at
};
// Whether an image (its module `module_index`; other than 0 in components only) was made of these module bytes: as many
// functions with the same indices, and what the address map says of a function's code lies in that function's body: the
// next build of the same program is told apart by that alone.  (An engine that inlines functions into each other is
// refused, too: it does so for garbage-collected languages only.)  Names are no proof: engines drop them.
Fit fits(const WasmModule &module, const CodeImage &image, uint32_t module_index = 0);

} // namespace sgperf::formats
