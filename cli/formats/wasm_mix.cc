// SPDX-License-Identifier: Apache-2.0
#include "formats/wasm_mix.h"

namespace sgperf::formats {
namespace {

using Category = WasmCategory;
using Group = WasmGroup;

struct Kinds {
  Category category;
  Group group;
};

// An instruction of one byte.  Numbers that mean nothing are never counted.
Kinds plain(unsigned code) {
  const auto within = [code](unsigned from, unsigned to) { return code >= from && code <= to; };
  if (code == 0x00) return {Category::unreachable, Group::control};
  if (code == 0x01 || code == 0x1a) return {Category::nop, Group::stack};
  if (code == 0x1b || code == 0x1c) return {Category::select, Group::stack};
  if (code == 0x10 || code == 0x12) return {Category::control_call, Group::call};
  if (code == 0x11 || within(0x13, 0x15)) return {Category::control_call, Group::indirect_call};
  if (within(0x06, 0x0a) || code == 0x18 || code == 0x19 || code == 0x1f)
    return {Category::control_exception, Group::control};
  if (code < 0x20 || code == 0xd5 || code == 0xd6) return {Category::control_branch, Group::control};
  if (within(0x20, 0x22)) return {Category::local_variable, Group::variable};
  if (within(0x23, 0x24)) return {Category::global_variable, Group::variable};
  if (within(0x25, 0x26)) return {Category::table, Group::reference};
  if (within(0x28, 0x35)) return {Category::memory_load, Group::load};
  if (within(0x36, 0x3e)) return {Category::memory_store, Group::store};
  if (code == 0x3f) return {Category::memory_size, Group::memory};
  if (code == 0x40) return {Category::memory_grow, Group::memory};
  if (within(0x41, 0x42)) return {Category::numeric_integer, Group::constant};
  if (within(0x43, 0x44)) return {Category::numeric_float, Group::constant};
  if (within(0x45, 0x5a) || within(0x67, 0x8a)) return {Category::numeric_integer, Group::integer};
  if (within(0x5b, 0x66) || within(0x8b, 0xa6)) return {Category::numeric_float, Group::floating};
  // Conversions count for the type that they give.
  if (within(0xa7, 0xb1) || within(0xbc, 0xbd) || within(0xc0, 0xc4))
    return {Category::numeric_integer, Group::conversion};
  if (within(0xb2, 0xbf)) return {Category::numeric_float, Group::conversion};
  return {Category::ref, Group::reference}; // 0xd0 to 0xd4
}

Kinds aggregate(unsigned code) {
  if (code <= 1 || (code >= 6 && code <= 10)) return {Category::aggregate_new, Group::reference};
  if (code <= 4 || (code >= 11 && code <= 13) || code == 15) return {Category::aggregate_get, Group::reference};
  if (code == 5 || code == 14 || (code >= 16 && code <= 19)) return {Category::aggregate_set, Group::reference};
  if (code == 24 || code == 25) return {Category::control_cast, Group::control};
  return {code >= 28 ? Category::i31 : Category::ref, Group::reference};
}

Kinds misc(unsigned code) {
  if (code <= 7) return {Category::numeric_integer, Group::conversion};
  if (code <= 11 || code == 18) return {Category::memory_other, Group::memory};
  if (code <= 17) return {Category::table, Group::reference};
  return {Category::numeric_integer, Group::integer}; // 128 bits
}

Kinds vector(unsigned code) {
  if (code <= 10 || (code >= 84 && code <= 87) || code == 92 || code == 93) return {Category::memory_load, Group::load};
  if (code == 11 || (code >= 88 && code <= 91)) return {Category::memory_store, Group::store};
  return {Category::vector, Group::vector};
}

Kinds atomic(unsigned code) {
  if (code >= 0x10 && code <= 0x16) return {Category::memory_load, Group::atomic};
  if (code >= 0x17 && code <= 0x1d) return {Category::memory_store, Group::atomic};
  return {Category::memory_other, Group::atomic};
}

template <typename Add> void each(const WasmOperatorCounts &counts, Add add) {
  const auto all = [&](const auto &numbers, Kinds (*kinds)(unsigned)) {
    for (unsigned i = 0; i < numbers.size(); ++i)
      if (numbers[i]) add(kinds(i), numbers[i]);
  };
  all(counts.plain, plain);
  all(counts.aggregate, aggregate);
  all(counts.misc, misc);
  all(counts.vector, vector);
  all(counts.atomic, atomic);
}

} // namespace

const char *to_text(WasmCategory category) {
  static constexpr const char *names[] = {"unreachable",
                                          "nop",
                                          "control-branch",
                                          "control-call",
                                          "control-exception",
                                          "control-stack-switch",
                                          "local-variable",
                                          "global-variable",
                                          "atomic-global-variable",
                                          "table",
                                          "atomic-table",
                                          "memory-size",
                                          "memory-grow",
                                          "memory-load",
                                          "memory-store",
                                          "memory-other",
                                          "ref",
                                          "i31",
                                          "aggregate-new",
                                          "aggregate-get",
                                          "aggregate-set",
                                          "atomic-aggregate",
                                          "numeric-integer",
                                          "numeric-float",
                                          "vector",
                                          "select",
                                          "control-cast"};
  static_assert(std::size(names) == static_cast<size_t>(WasmCategory::count));
  return category < WasmCategory::count ? names[static_cast<size_t>(category)] : "?";
}

const char *to_text(WasmGroup group) {
  static constexpr const char *names[] = {"control",  "call",    "indirect-call", "variable",   "stack",
                                          "constant", "integer", "float",         "conversion", "load",
                                          "store",    "memory",  "atomic",        "vector",     "reference"};
  static_assert(std::size(names) == static_cast<size_t>(WasmGroup::count));
  return group < WasmGroup::count ? names[static_cast<size_t>(group)] : "?";
}

WasmMix<WasmCategory> wasm_categories(const WasmOperatorCounts &counts) {
  WasmMix<WasmCategory> mix;
  each(counts, [&](Kinds kinds, uint64_t n) { mix.counts[static_cast<size_t>(kinds.category)] += n; });
  return mix;
}

WasmMix<WasmGroup> wasm_groups(const WasmOperatorCounts &counts) {
  WasmMix<WasmGroup> mix;
  each(counts, [&](Kinds kinds, uint64_t n) { mix.counts[static_cast<size_t>(kinds.group)] += n; });
  return mix;
}

} // namespace sgperf::formats
