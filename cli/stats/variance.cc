// SPDX-License-Identifier: Apache-2.0
#include "stats/variance.h"

#include <algorithm>

namespace sgperf::stats {

std::optional<VarianceSplit> split_variance(const std::vector<std::vector<double>> &processes) {
  VarianceSplit out;
  double sum = 0, squared_sizes = 0, within = 0;
  std::vector<std::pair<double, double>> means; // mean, number of values
  for (const auto &values : processes) {
    if (values.empty()) continue;
    double total = 0;
    for (const double value : values) total += value;
    const double n = static_cast<double>(values.size()), mean = total / n;
    for (const double value : values) within += (value - mean) * (value - mean);
    means.emplace_back(mean, n);
    sum += total;
    squared_sizes += n * n;
    out.values += values.size();
  }
  out.processes = means.size();
  if (out.processes < 2 || out.values <= out.processes) return std::nullopt;
  const double n = static_cast<double>(out.values), p = static_cast<double>(out.processes);
  out.mean = sum / n;
  double between = 0;
  for (const auto &[mean, size] : means) between += size * (mean - out.mean) * (mean - out.mean);
  const double n0 = (n - squared_sizes / n) / (p - 1);
  out.s1_squared = within / (n - p);
  out.s2_squared = between / (p - 1) / n0;
  out.t1_squared = out.s1_squared;
  out.t2_squared = std::max(0.0, out.s2_squared - out.s1_squared / n0);
  const double all = out.t1_squared + out.t2_squared;
  out.icc = all > 0 ? out.t2_squared / all : 0;
  out.design_effect = 1 + (n0 - 1) * out.icc;
  out.effective_n = n / out.design_effect;
  return out;
}

} // namespace sgperf::stats
