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
#include <vector>

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

// One ratio for several workloads: in every block the mean of ln(value) - ln(reference) over the workloads, then as
// above with these means for d_b, so that what the workloads have in common within a block stays in the interval.  All
// workloads weigh the same.  Only blocks in which every workload has both count.
struct SuiteRatio {
  BlockRatio ratio;                      // the geometric mean over workloads
  size_t workloads = 0;                  // of the pairs given
  size_t wins = 0, losses = 0, ties = 0; // workloads whose own interval is below 1, above 1, neither (or has none)
};
struct BlockPair {
  BlockValues values, reference;
};
// nullopt: no pair, or no block that all have.
std::optional<SuiteRatio> suite_ratio(const std::vector<BlockPair> &workloads, double alpha = default_alpha);

} // namespace sgperf::stats
