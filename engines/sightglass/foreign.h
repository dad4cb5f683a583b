// SPDX-License-Identifier: Apache-2.0
// Host side: any engine plug-in, whatever its ABI, as a `struct sgperf_engine`.
//
//   sgperf-1      exports sgperf_engine_v1 (include/sgperf/engine.h)
//   wasm_bench-5  Sightglass's current form: wasm_bench_create(config by value, &state), _compile, _instantiate,
//   _execute, _free engine-0      Sightglass's first form: engine_create(wasm, size), engine_compile_module,
//   engine_instantiate_module(start,
//                 end), engine_execute_module, engine_free
//
// Without an override the first whose entry symbol is exported wins, in this order.  The forms of Sightglass between
// the first and the current one share their symbols with the current one and differ in layout: they cannot be told
// apart and are not supported.
//
// What the two foreign forms cannot do: tiers, arguments, environment (WASM_BENCH_USE_SMALL_WORKLOAD excepted),
// serialize, exported functions, and a reason for a failure; what they print to stderr is all there is.
#pragma once

#include "sgperf/engine.h"

#include <optional>
#include <string>
#include <string_view>

namespace sgperf::engines {

enum class Abi { sgperf_1, wasm_bench_5, engine_0 };
const char *to_text(Abi abi); // "sgperf-1", "wasm_bench-5", "engine-0"
std::optional<Abi> abi_from_text(std::string_view text);

struct Plugin {
  void *handle = nullptr; // of dlopen, never closed: engines do not survive that
  const sgperf_engine *engine = nullptr;
  Abi abi = Abi::sgperf_1;
};

// Loads `path` with RTLD_NOW | RTLD_LOCAL.  nullopt: `error` says what was expected, found and to do.  The wrapper of a
// foreign engine keeps process-wide state: one foreign engine a process, which is what a worker has anyway.
std::optional<Plugin> load_plugin(const std::string &path, std::optional<Abi> abi, std::string &error);

} // namespace sgperf::engines
