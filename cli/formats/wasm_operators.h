// SPDX-License-Identifier: Apache-2.0
// The instructions of a WebAssembly module, decoded so far that functions named in them are found.  Known: version 1,
// sign extension, saturating conversion, multiple values, bulk memory, reference types, SIMD and relaxed SIMD, tail
// calls, exceptions (both forms), threads, typed function references, several memories, wide arithmetic.  Not known:
// garbage collection, stack switching, and whatever comes later.  Nothing is validated.
#pragma once

#include "formats/byte_cursor.h"

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

// Reads instructions up to and with the `end` that closes them: a body behind its locals, or a constant expression.
// False: damaged, or an instruction that is not known; `error` says which and where.
bool read_wasm_expression(ByteCursor &c, std::vector<WasmFunctionReference> &out, std::string &error);

} // namespace sgperf::formats
