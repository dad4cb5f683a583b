// SPDX-License-Identifier: Apache-2.0
// Entries of a module's sections that hold instructions or initial values: tables, globals, segments, locals.  Damage
// sets the cursor's `bad`; false is an instruction or a form that is not known, and `error` says which.
#pragma once

#include "formats/wasm_operators.h"
#include "formats/wasm_types.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sgperf::formats {

struct WasmTable {
  uint8_t type = 0; // of its elements, the first byte
  WasmLimits limits;
};
bool read_wasm_table(ByteCursor &c, WasmTable &out, std::vector<WasmFunctionReference> &refs, std::string &error);

struct WasmGlobal {
  uint8_t type = 0;
  bool is_mutable = false;
  bool computed = false; // its first value takes more than one instruction
};
bool read_wasm_global(ByteCursor &c, WasmGlobal &out, std::vector<WasmFunctionReference> &refs, std::string &error);

struct WasmSegment {
  enum Mode : uint8_t { active, passive, declared } mode = active;
  uint64_t size = 0;     // elements, or bytes of data
  bool computed = false; // its place takes more than one instruction
};
bool read_wasm_elements(ByteCursor &c, WasmSegment &out, std::vector<WasmFunctionReference> &refs, std::string &error);
bool read_wasm_data(ByteCursor &c, WasmSegment &out, std::string &error);

// What stands in front of a body's instructions; gives how many locals it declares.
uint64_t skip_wasm_locals(ByteCursor &c);

} // namespace sgperf::formats
