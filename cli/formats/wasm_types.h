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

// One section, by places in what the cursor reads.
struct WasmSection {
  enum Id : uint8_t {
    id_custom,
    id_type,
    id_import,
    id_function,
    id_table,
    id_memory,
    id_global,
    id_export,
    id_start,
    id_element,
    id_code,
    id_data,
    id_data_count,
    id_tag,
    id_end
  };
  uint8_t id = 0;
  size_t header = 0, payload = 0, end = 0;
};

inline WasmSection wasm_section(ByteCursor &c) {
  WasmSection out;
  out.header = c.at();
  out.id = c.u8();
  const uint64_t size = c.uleb(32);
  out.payload = c.at();
  c.skip(size);
  out.end = c.at();
  return out;
}

struct WasmLimits {
  uint8_t flags = 0;    // 1: has a maximum, 2: shared, 4: of 64 bits, 8: has a size of page
  uint64_t minimum = 0; // pages or elements
  uint64_t maximum = 0; // with flag 1
};

inline WasmLimits wasm_limits(ByteCursor &c) {
  WasmLimits out;
  out.flags = c.u8();
  out.minimum = c.uleb();
  if (out.flags & 1) out.maximum = c.uleb();
  if (out.flags & 8) c.uleb(); // log2 of a page's size
  return out;
}

// What an import says of its kind.
struct WasmImportType {
  uint8_t kind = 0;        // 0 function, 1 table, 2 memory, 3 global, 4 tag
  bool known = true;       // else the cursor stands behind the kind's byte, and nothing after it can be told
  uint32_t type = 0;       // of a function: index
  WasmLimits limits;       // of a memory or a table
  bool is_mutable = false; // of a global
};

inline WasmImportType wasm_import_type(ByteCursor &c) {
  WasmImportType out;
  out.kind = c.u8();
  switch (out.kind) {
  case 0:
    out.type = static_cast<uint32_t>(c.uleb(32));
    break;
  case 1:
    wasm_value_type(c), out.limits = wasm_limits(c);
    break;
  case 2:
    out.limits = wasm_limits(c);
    break;
  case 3:
    wasm_value_type(c), out.is_mutable = c.u8() & 1;
    break;
  case 4:
    c.u8(), c.uleb(32);
    break;
  default:
    out.known = false;
  }
  return out;
}

} // namespace sgperf::formats
