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
  unsigned layouts = 0;   // the programs are there as NAME.1 to NAME.N as well, with their code at other places
  std::string pad_option; // puts so many bytes in front of everything on the heap; empty: there is none
};

struct PairLimits {
  double half_width = 0.001; // of the interval's logarithm: enough to tell 0.5 %
  size_t at_least = 60, at_most = 60000;
  double seconds = 150;
};

struct PairResult {
  stats::BlockRatio ratio; // instrumented / plain; a block is a pair
  double plain_ms = 0;     // median of the CPU time of a run
  std::string error;       // could not be measured: which run did what
};

// User and system time of whole processes (wait4), on one processor: what waits for the processor does not count, so
// that other load costs precision and not truth.  Each pair's order is random, its layout one of those that are there,
// and each run has an environment of another size in front of its stack and, where the program can be told to, another
// heap: where code, stack and data lie decides about a percent of the speed by itself, and only over many places does
// that cancel out.  What runs are copies that are made one after the other, eight of each: two files with the same
// bytes differ by as much, by how the page cache has got them.  Goes on until the interval is narrow enough.
PairResult measure_pair(const Pair &pair, const PairLimits &limits, uint64_t seed);

} // namespace sgperf::bench
