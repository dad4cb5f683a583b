// SPDX-License-Identifier: Apache-2.0
// Interleaved timing of loops: every round runs every copy of every series once, in random order, so that a change of
// the machine's speed meets all of them; ratios are taken within a round.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/bench_line.h"

namespace sgperf::bench {

struct Series {
  std::string name;
  std::vector<std::function<void(uint64_t)>> copies; // the same loop at different alignments
  uint64_t n = 0;                                    // iterations of one sample
  std::vector<std::vector<double>> ns;               // [copy][round], ns an iteration

  std::vector<double> by_round() const; // median over the copies of each round
  Summary summary() const;              // of by_round()
  double worst_copy() const;            // largest median of a copy
  double best_copy() const;
};

void time_interleaved(std::vector<Series> &series, int rounds, uint64_t seed);

// Median and quartiles of a / b, round by round.
Summary ratio(const Series &a, const Series &b);

// The same loop run by one thread alone and by two threads at the same time, on different processors.
struct TwoThreads {
  Summary ratio; // time an iteration with two threads / with one, round by round
  Summary one, two;
  bool possible = false; // false = only one processor
};
TwoThreads time_two_threads(const Series &series, int rounds);

} // namespace sgperf::bench
