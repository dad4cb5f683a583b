// SPDX-License-Identifier: Apache-2.0
#include "formats/wasm_entries.h"

#include <fmt/format.h>

namespace sgperf::formats {
namespace {

// `computed`: more than one instruction and the `end`.
bool constant(ByteCursor &c, bool &computed, std::vector<WasmFunctionReference> &refs, std::string &error) {
  WasmOperatorCounts counts;
  const bool known = read_wasm_expression(c, refs, error, &counts);
  computed = counts.total > 2;
  return known || c.bad();
}

} // namespace

bool read_wasm_table(ByteCursor &c, WasmTable &out, std::vector<WasmFunctionReference> &refs, std::string &error) {
  out.type = static_cast<uint8_t>(wasm_value_type(c));
  const bool initial = out.type == 0x40; // with a first value
  if (initial) c.u8(), out.type = static_cast<uint8_t>(wasm_value_type(c));
  out.limits = wasm_limits(c);
  bool computed = false;
  return !initial || constant(c, computed, refs, error);
}

bool read_wasm_global(ByteCursor &c, WasmGlobal &out, std::vector<WasmFunctionReference> &refs, std::string &error) {
  out.type = static_cast<uint8_t>(wasm_value_type(c));
  out.is_mutable = c.u8() & 1;
  return constant(c, out.computed, refs, error);
}

bool read_wasm_elements(ByteCursor &c, WasmSegment &out, std::vector<WasmFunctionReference> &refs, std::string &error) {
  const uint64_t flags = c.uleb(32);
  if (flags > 7 && !c.bad()) {
    error = fmt::format("an element segment of the form {}", flags);
    return false;
  }
  const bool expressions = flags & 4;
  out.mode = !(flags & 1) ? WasmSegment::active : flags & 2 ? WasmSegment::declared : WasmSegment::passive;
  if (out.mode == WasmSegment::active) {
    if (flags & 2) c.uleb(32); // which table
    if (!constant(c, out.computed, refs, error)) return false;
  }
  if (flags & 3) expressions ? wasm_value_type(c) : static_cast<char>(c.u8());
  out.size = c.uleb(32);
  for (uint64_t n = out.size; n > 0 && !c.bad(); --n) {
    bool computed = false;
    if (!expressions)
      read_function_reference(c, refs);
    else if (!constant(c, computed, refs, error))
      return false;
  }
  return true;
}

bool read_wasm_data(ByteCursor &c, WasmSegment &out, std::string &error) {
  const uint64_t flags = c.uleb(32);
  if (flags > 2 && !c.bad()) {
    error = fmt::format("a data segment of the form {}", flags);
    return false;
  }
  out.mode = flags == 1 ? WasmSegment::passive : WasmSegment::active;
  if (flags == 2) c.uleb(32); // which memory
  std::vector<WasmFunctionReference> refs;
  if (out.mode == WasmSegment::active && !constant(c, out.computed, refs, error)) return false;
  out.size = c.uleb(32);
  c.skip(out.size);
  return true;
}

uint64_t skip_wasm_locals(ByteCursor &c) {
  uint64_t locals = 0;
  for (uint64_t groups = c.uleb(32); groups > 0 && !c.bad(); --groups) locals += c.uleb(32), wasm_value_type(c);
  return c.bad() ? 0 : locals;
}

} // namespace sgperf::formats
