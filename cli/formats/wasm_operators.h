// SPDX-License-Identifier: Apache-2.0
// The instructions of a WebAssembly module, decoded so far that functions named in them are found.  Known: version 1,
// sign extension, saturating conversion, multiple values, bulk memory, reference types, SIMD and relaxed SIMD, tail
// calls, exceptions (both forms), threads, typed function references, several memories, wide arithmetic, garbage
// collection.  Not known: stack switching, and whatever comes later.  Nothing is validated.
#pragma once

#include "formats/byte_cursor.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace sgperf::formats {

// A function's index as the operand of an instruction (call, return_call, ref.func) or as a bare number elsewhere.
struct WasmFunctionReference {
  uint64_t offset = 0; // of the LEB, in what the cursor reads
  uint32_t size = 0;   // of the LEB, in bytes; it may be padded
  uint32_t index = 0;
};

// Reads a function's index at the cursor.
void read_function_reference(ByteCursor &c, std::vector<WasmFunctionReference> &out);

// How often which instruction stands in code, by its number.
struct WasmOperatorCounts {
  std::array<uint64_t, 256> plain{};    // of one byte
  std::array<uint64_t, 31> aggregate{}; // behind 0xfb
  std::array<uint64_t, 23> misc{};      // behind 0xfc
  std::array<uint64_t, 0x114> vector{}; // behind 0xfd
  std::array<uint64_t, 0x4f> atomic{};  // behind 0xfe
  uint64_t total = 0;
  uint64_t typed_blocks = 0; // blocks that name a type: they take values or give several

  void count(uint8_t code, uint64_t prefixed); // an instruction that the reader below knows
};

// Reads instructions up to and with the `end` that closes them: a body behind its locals, or a constant expression.
// False: damaged, or an instruction that is not known; `error` says which and where.
// `counts`, if given, has all instructions added that were read, the last `end` among them.
bool read_wasm_expression(ByteCursor &c, std::vector<WasmFunctionReference> &out, std::string &error,
                          WasmOperatorCounts *counts = nullptr);

} // namespace sgperf::formats
