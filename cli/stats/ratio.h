// SPDX-License-Identifier: Apache-2.0
// Ratio of two engines from blocks that both ran in.
//
// One block is one pass over all cells, close together in time: what disturbs a block (frequency, neighbours, drift)
// disturbs both, and cancels in d_b = ln(value_b) - ln(reference_b).  Blocks are the independent units; d_b are
// differences, so a paired t interval applies.  docs/methods.md has the simulation behind this choice.
#pragma once

#include "stats/interval.h"

#include <cstdint>
#include <map>
#include <optional>

namespace sgperf::stats {

using BlockValues = std::map<uint32_t, double>; // block -> mean of its timed values

struct BlockRatio {
  size_t blocks = 0;                // with both values, both > 0
  size_t ties = 0;                  // d_b == 0
  double ratio = 1;                 // exp(mean d): > 1 = more than the reference
  std::optional<Interval> interval; // exp(mean d -+ t(1-alpha/2, P-1) s_d / sqrt(P)), P >= 2
  // Cross-check that a few outliers cannot move: exp(median d) and the sign test's order-statistic interval, P >= 6.
  double median_ratio = 1;
  std::optional<Interval> sign_interval;
  // False: one interval excludes 1 and the other does not, or they lie on different sides of it.  The difference hangs
  // on a few blocks.
  bool agree = true;
};

// nullopt: no block has both.
std::optional<BlockRatio> block_ratio(const BlockValues &values, const BlockValues &reference,
                                      double alpha = default_alpha);

} // namespace sgperf::stats
