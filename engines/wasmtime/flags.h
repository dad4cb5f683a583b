// SPDX-License-Identifier: Apache-2.0
// Engine flags: the options of Wasmtime's command line that its C API can set.
//
//   -O opt-level=0|1|2|s  regalloc-algorithm=backtracking|single-pass  memory-reservation=N
//   memory-reservation-for-growth=N
//      memory-guard-size=N  memory-may-move  memory-init-cow  signals-based-traps
//   -C compiler=cranelift|winch  parallel-compilation  cranelift-debug-verifier  native-unwind-info
//      cranelift-NAME=VALUE (any flag of Cranelift's)  cache=n (it is always off)
//   -D debug-info
//   -W simd relaxed-simd relaxed-simd-deterministic threads shared-memory tail-call reference-types function-references
//   gc
//      bulk-memory multi-value multi-memory memory64 wide-arithmetic exceptions custom-page-sizes stack-switching
//      nan-canonicalization epoch-interruption fuel=N max-wasm-stack=N
//   --profile=perfmap|jitdump
//
// As there: `-Ox`, `-O x` and `-O x,y=n` are the same thing; a bare name means yes; y, yes, true, n, no, false.
#pragma once

#include "adapter/host.h"
#include "wasmtime/wasmtime_api.h"

#include <optional>
#include <string>
#include <vector>

namespace sgperf::wasmtime {

struct Settings {
  std::optional<uint64_t> fuel;
  bool epoch_interruption = false;
  bool unwind_info = true;
  std::string profile; // "perfmap", "jitdump" or empty
  std::string tier;    // tiers.h
};

// Applies config->flags to `config`.  `settings.tier` comes in as asked for and may be changed by -C compiler.
// SGPERF_ENGINE_OK or SGPERF_ENGINE_FLAGS with the list of what is understood.
int apply_flags(const engine::Host &host, const Api &api, wasm_config_t *config, Settings &settings);

} // namespace sgperf::wasmtime
