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

using Differences = std::map<uint32_t, double>; // block -> d_b

Differences differences_of(const BlockValues &values, const BlockValues &reference) {
  Differences out;
  for (const auto &[block, value] : values) {
    const auto other = reference.find(block);
    if (other == reference.end() || !(value > 0) || !(other->second > 0)) continue;
    out[block] = std::log(value) - std::log(other->second);
  }
  return out;
}

std::optional<BlockRatio> ratio_of(const Differences &blocks, double alpha) {
  if (blocks.empty()) return std::nullopt;
  BlockRatio out;
  std::vector<double> differences;
  for (const auto &[block, difference] : blocks) {
    differences.push_back(difference);
    if (difference == 0) ++out.ties;
  }
  out.blocks = differences.size();
  out.ratio = std::exp(summarize(differences).mean);
  out.median_ratio = std::exp(median(differences));
  if (const auto interval = mean_interval(differences, alpha)) out.interval = exponential(*interval);
  if (const auto interval = median_interval(differences, alpha)) out.sign_interval = exponential(*interval);
  if (out.interval && out.sign_interval) out.agree = side(*out.interval) == side(*out.sign_interval);
  return out;
}

} // namespace

std::optional<BlockRatio> block_ratio(const BlockValues &values, const BlockValues &reference, double alpha) {
  return ratio_of(differences_of(values, reference), alpha);
}

std::optional<SuiteRatio> suite_ratio(const std::vector<BlockPair> &workloads, double alpha) {
  SuiteRatio out;
  out.workloads = workloads.size();
  std::map<uint32_t, std::pair<double, size_t>> sums; // block -> sum of d, number
  for (const BlockPair &pair : workloads) {
    const Differences own = differences_of(pair.values, pair.reference);
    for (const auto &[block, difference] : own) {
      sums[block].first += difference;
      ++sums[block].second;
    }
    const auto ratio = ratio_of(own, alpha);
    const int at = ratio && ratio->interval ? side(*ratio->interval) : 0;
    ++(at < 0 ? out.wins : at > 0 ? out.losses : out.ties);
  }
  Differences means;
  for (const auto &[block, sum] : sums)
    if (sum.second == workloads.size()) means[block] = sum.first / static_cast<double>(sum.second);
  const auto ratio = ratio_of(means, alpha);
  if (!ratio) return std::nullopt;
  out.ratio = *ratio;
  return out;
}

} // namespace sgperf::stats
