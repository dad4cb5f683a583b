// SPDX-License-Identifier: Apache-2.0
#include "bench/adapters/bare.h"

namespace sgperf::bench {

const std::vector<BareEngine> &bare_engines() {
  static const std::vector<BareEngine> all{
      {"wasmtime", "cranelift,winch", "winch", make_wasmtime},
      {"wasmer", "cranelift,singlepass,llvm", "singlepass", make_wasmer},
      {"wasmi", "interp", "interp", make_wasmi},
      {"wasm3", "interp", "interp", make_wasm3},
      {"wamr", "fast-interp", "fast-interp", make_wamr},
      {"jsc", "bbq,omg", "bbq", make_jsc},
  };
  return all;
}

} // namespace sgperf::bench
