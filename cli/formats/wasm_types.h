// SPDX-License-Identifier: Apache-2.0
// Small parts of a module that occur everywhere in it.  Bad input sets the cursor's `bad`.
#pragma once

#include "formats/byte_cursor.h"

#include <cstdint>
#include <string_view>

namespace sgperf::formats {

inline std::string_view wasm_name(ByteCursor &c) {
  return c.take(c.uleb(32));
}

// One byte, or a reference type of two parts; gives the first byte.
inline char wasm_value_type(ByteCursor &c) {
  const uint8_t type = c.u8();
  if (type == 0x63 || type == 0x64) c.sleb();
  return static_cast<char>(type);
}

struct WasmLimits {
  uint8_t flags = 0;    // 1: has a maximum, 2: shared, 4: of 64 bits, 8: has a size of page
  uint64_t minimum = 0; // pages or elements
};

inline WasmLimits wasm_limits(ByteCursor &c) {
  WasmLimits out;
  out.flags = c.u8();
  out.minimum = c.uleb();
  if (out.flags & 1) c.uleb();
  if (out.flags & 8) c.uleb(); // log2 of a page's size
  return out;
}

} // namespace sgperf::formats
