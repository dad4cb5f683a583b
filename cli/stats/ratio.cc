// SPDX-License-Identifier: Apache-2.0
#include "stats/ratio.h"

#include "stats/descriptive.h"

#include <cmath>

namespace sgperf::stats {
namespace {

// -1 below 1, +1 above, 0 contains it.
int side(const Interval &interval) {
  return interval.low > 1 ? 1 : interval.high < 1 ? -1 : 0;
}

Interval exponential(const Interval &interval) {
  return {std::exp(interval.low), std::exp(interval.high)};
}

} // namespace

std::optional<BlockRatio> block_ratio(const BlockValues &values, const BlockValues &reference, double alpha) {
  std::vector<double> differences;
  BlockRatio out;
  for (const auto &[block, value] : values) {
    const auto other = reference.find(block);
    if (other == reference.end() || !(value > 0) || !(other->second > 0)) continue;
    differences.push_back(std::log(value) - std::log(other->second));
    if (differences.back() == 0) ++out.ties;
  }
  if (differences.empty()) return std::nullopt;
  out.blocks = differences.size();
  out.ratio = std::exp(summarize(differences).mean);
  out.median_ratio = std::exp(median(differences));
  if (const auto interval = mean_interval(differences, alpha)) out.interval = exponential(*interval);
  if (const auto interval = median_interval(differences, alpha)) out.sign_interval = exponential(*interval);
  if (out.interval && out.sign_interval) out.agree = side(*out.interval) == side(*out.sign_interval);
  return out;
}

} // namespace sgperf::stats
