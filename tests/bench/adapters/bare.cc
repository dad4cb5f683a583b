// SPDX-License-Identifier: Apache-2.0
#include "bench/adapters/bare.h"

#include "bench/harness_run.h"

namespace sgperf::bench {

const std::vector<BareEngine> &bare_engines() {
  static const std::vector<BareEngine> all{
      {"wasmtime", "cranelift,winch,pulley", "winch", make_wasmtime},
      {"wasmer", "cranelift,singlepass,llvm", "singlepass", make_wasmer},
      {"wasmi", "interp", "interp", make_wasmi},
      {"wasm3", "interp", "interp", make_wasm3},
      {"wamr", "fast-interp", "fast-interp", make_wamr},
      {"v8", "tier-up,liftoff,turbofan", "liftoff", make_from_module},
      {"jsc", "bbq,omg", "bbq", make_jsc},
      {"spidermonkey", "baseline,ion", "baseline", make_from_module},
      {"wabt", "interp", "interp", make_from_module},
      {"wasm2c", "O2", nullptr, make_wasm2c},
      {"native", "so", nullptr, make_native},
  };
  return all;
}

std::unique_ptr<Bare> make_from_module(const Opened &opened, std::string &error) {
  const std::string file = build_folder() / "tests/bench" / ("bench-bare-" + opened.engine + ".so");
  void *handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  using Make = decltype(&sgperf_bench_make_bare);
  const auto make = handle ? reinterpret_cast<Make>(dlsym(handle, "sgperf_bench_make_bare")) : nullptr;
  if (!make) {
    error = handle ? file + " has no sgperf_bench_make_bare" : dlerror();
    return nullptr;
  }
  return std::unique_ptr<Bare>(make(opened, error));
}

} // namespace sgperf::bench
