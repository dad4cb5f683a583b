// SPDX-License-Identifier: Apache-2.0
// The table of all functions, made from the list in wasi.h: one generic entry a function, checked against its
// signature.
#include "engines/wasi/wasi.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

struct sgperf_wasi;

namespace {

template <auto function> struct Generic;

template <class... Args, uint32_t (*function)(sgperf_wasi *, uint8_t *, uint64_t, Args...)> struct Generic<function> {
  static uint32_t call(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, const uint64_t *args) {
    return with(wasi, memory, memory_size, args, std::index_sequence_for<Args...>{});
  }

  // "iI>i" says what the C prototype says.
  static constexpr bool has_signature(std::string_view text) {
    constexpr char letters[] = {(sizeof(Args) == 8 ? 'I' : 'i')..., '>'};
    return text.substr(0, sizeof letters) == std::string_view(letters, sizeof letters) &&
           (text.substr(sizeof letters) == "i" || text.substr(sizeof letters).empty());
  }

private:
  template <size_t... at>
  static uint32_t with(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, const uint64_t *args,
                       std::index_sequence<at...>) {
    (void)args;
    return function(wasi, memory, memory_size, static_cast<Args>(args[at])...);
  }
};

#define SGPERF_WASI_CHECK(name, signature, ...)                                                                        \
  static_assert(Generic<sgperf_wasi_##name>::has_signature(signature), #name);
SGPERF_WASI_FUNCTIONS(SGPERF_WASI_CHECK)

const sgperf_wasi_function functions[] = {
#define SGPERF_WASI_ROW(name, signature, ...) {#name, signature, Generic<sgperf_wasi_##name>::call},
    SGPERF_WASI_FUNCTIONS(SGPERF_WASI_ROW)
#undef SGPERF_WASI_ROW
};

} // namespace

const sgperf_wasi_function *sgperf_wasi_functions(size_t *count) {
  if (count) *count = std::size(functions);
  return functions;
}

const sgperf_wasi_function *sgperf_wasi_find(const char *name) {
  if (!name) return nullptr;
  auto at = std::lower_bound(std::begin(functions), std::end(functions), name,
                             [](const sgperf_wasi_function &f, const char *n) { return strcmp(f.name, n) < 0; });
  return at != std::end(functions) && !strcmp(at->name, name) ? &*at : nullptr;
}
