// SPDX-License-Identifier: Apache-2.0
// `sgperf record`: a program as it is, with the library preloaded, and what the kernel saw of it -> recording.
#pragma once

#include "run/perf_sampler.h"

#include <sys/types.h>

#include <string>
#include <vector>

namespace sgperf::run {

struct RecordOptions {
  std::vector<std::string> command;
  std::string output = "sgperf.data"; // an older recording is kept as <output>.old
  std::string timer;                  // "tsc", "clock" or empty
  std::string sites;                  // SGPERF_SITES
  bool isolate = false;               // once more a site, with only that site on; without samples
  bool probes = true;                 // eBPF: system calls, page faults, the tree, regions of samples
  bool syscalls = true;               // of the probes
  uint32_t syscall_rate = 101;        // one call of so many with its stack: who made it; 0 = none
  bool preload = true;
  bool recipes = true;  // engines are told to name their JIT code (engine_recipes.h)
  bool bench = false;   // bench.start and bench.end are supplied and seen, or it is said why not
  bool dry_run = false; // only says what would be done
  SamplerOptions sampler;
  pid_t attach = 0;      // a process that runs already instead of `command`; 0 = none
  double duration_s = 0; // 0 = to the program's end
  bool quiet = false;
};

// Exit code of the program (128 + signal), 126 or 127 if it could not be started, 4 if nothing can be recorded here.
int run_record(const RecordOptions &options);

} // namespace sgperf::run
