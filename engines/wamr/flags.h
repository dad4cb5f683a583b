// SPDX-License-Identifier: Apache-2.0
// Engine flags: options of WAMR's programs iwasm and wamrc.
//
//   --stack-size=BYTES                 all tiers: the interpreter's stack of values and frames (default 2 MiB; 64 KiB
//   where
//                                      machine code runs, which uses the thread's)
//   --heap-size=BYTES                  all tiers: WAMR's own heap inside of linear memory (default none)
//   --enable-linux-perf                aot: names for profilers, /tmp/perf-PID.map
//   --opt-level=0..3 --size-level=0..3 aot, llvm-jit (default 3 and 3, as in iwasm and wamrc)
//   --cpu=NAME --cpu-features=LIST     aot: LLVM's names (default x86-64-v3 where the CPU has it, else x86-64)
//   --bounds-checks=0|1                aot: 1 = in code, instead of guard pages
#pragma once

#include "adapter/host.h"

#include <cstdint>
#include <string>

namespace sgperf::wamr {

struct Settings {
  std::string tier; // "fast-interp", "aot" or "llvm-jit"
  uint32_t stack_size = 0, heap_size = 0;
  uint32_t opt_level = 3, size_level = 3, bounds_checks = 2;
  std::string cpu, cpu_features;
  bool linux_perf = false;
};

// SGPERF_ENGINE_OK or SGPERF_ENGINE_FLAGS with the list of what is understood.
int read_settings(const engine::Host &host, Settings &out);

} // namespace sgperf::wamr
