// SPDX-License-Identifier: Apache-2.0
// Which kinds of instructions code is made of: by the categories of Sightglass's `pca-metrics`, so that figures can be
// compared, and by groups of our own that set apart what engines differ in (constants, conversions, indirect calls).
#pragma once

#include "formats/wasm_operators.h"

#include <array>
#include <cstdint>

namespace sgperf::formats {

// Sightglass's, in its order; it had the first 26 before casts that branch were set apart from other branches.
enum class WasmCategory : uint8_t {
  unreachable,
  nop, // and drop
  control_branch,
  control_call,
  control_exception,
  control_stack_switch,
  local_variable,
  global_variable,
  atomic_global_variable,
  table,
  atomic_table,
  memory_size,
  memory_grow,
  memory_load,
  memory_store,
  memory_other,
  ref,
  i31,
  aggregate_new,
  aggregate_get,
  aggregate_set,
  atomic_aggregate,
  numeric_integer,
  numeric_float,
  vector,
  select,
  control_cast,
  count
};

// Our own.
enum class WasmGroup : uint8_t {
  control,       // blocks, branches, exceptions, traps
  call,          // of a function that is known
  indirect_call, // through a table or a reference
  variable,      // locals and globals
  stack,         // drop, select, nop
  constant,
  integer,    // arithmetic and comparisons
  floating,   // the same
  conversion, // between numbers of different types or widths
  load,
  store,
  memory, // size, grow, copy, fill
  atomic,
  vector,    // SIMD but for loads and stores
  reference, // tables, references, structs and arrays
  count
};

const char *to_text(WasmCategory category); // "memory-load"
const char *to_text(WasmGroup group);

template <typename Kind> struct WasmMix {
  std::array<uint64_t, static_cast<size_t>(Kind::count)> counts{};
  uint64_t operator[](Kind kind) const { return counts[static_cast<size_t>(kind)]; }
};

WasmMix<WasmCategory> wasm_categories(const WasmOperatorCounts &counts);
WasmMix<WasmGroup> wasm_groups(const WasmOperatorCounts &counts);

} // namespace sgperf::formats
