// SPDX-License-Identifier: Apache-2.0
#include "stats/descriptive.h"

#include <algorithm>
#include <cmath>

namespace sgperf::stats {

double quantile_of_sorted(const std::vector<double> &sorted, double p) {
  if (sorted.empty()) return 0;
  const double at = std::clamp(p, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return quantile_of_sorted(values, 0.5);
}

double upper_median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double mean_absolute_deviation(const std::vector<double> &values) {
  if (values.empty()) return 0;
  double sum = 0, distance = 0;
  for (const double value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  for (const double value : values) distance += std::fabs(value - mean);
  return distance / static_cast<double>(values.size());
}

Summary summarize(std::vector<double> values) {
  Summary out;
  out.n = values.size();
  if (values.empty()) return out;
  std::sort(values.begin(), values.end());
  out.min = values.front();
  out.max = values.back();
  out.q1 = quantile_of_sorted(values, 0.25);
  out.median = quantile_of_sorted(values, 0.5);
  out.q3 = quantile_of_sorted(values, 0.75);
  // Welford's update: no cancellation where values are large and close together.
  double mean = 0, squares = 0, n = 0;
  for (const double value : values) {
    n += 1;
    const double step = value - mean;
    mean += step / n;
    squares += step * (value - mean);
  }
  out.mean = mean;
  out.sd = n > 1 ? std::sqrt(squares / (n - 1)) : 0;
  for (double &value : values) value = std::fabs(value - out.median);
  out.mad = median(std::move(values));
  return out;
}

} // namespace sgperf::stats
