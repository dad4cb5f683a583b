// SPDX-License-Identifier: Apache-2.0
// Two programs that do the same work, started in pairs of random order: is one of them slower?
#pragma once

#include "stats/ratio.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sgperf::bench {

struct Pair {
  std::string name;
  std::vector<std::string> plain, instrumented; // command lines
  int exit_code = 0;                            // of both
};

struct PairLimits {
  double half_width = 0.003; // of the interval's logarithm: enough to tell 0.5 %
  size_t at_least = 30, at_most = 600;
  double seconds = 60;
};

struct PairResult {
  stats::BlockRatio ratio; // instrumented / plain; a block is a pair
  double plain_ms = 0;     // median of the CPU time of a run
  std::string error;       // could not be measured: which run did what
};

// User and system time of whole processes (wait4), on one processor: what waits for the processor does not count, so that
// other load costs precision and not truth.  Each pair's order is random; goes on until the interval is narrow enough.
PairResult measure_pair(const Pair &pair, const PairLimits &limits, uint64_t seed);

} // namespace sgperf::bench
