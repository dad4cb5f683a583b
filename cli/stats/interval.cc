// SPDX-License-Identifier: Apache-2.0
#include "stats/interval.h"

#include "stats/descriptive.h"

#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>

namespace sgperf::stats {

double t_quantile(double p, double degrees_of_freedom) {
  return boost::math::quantile(boost::math::students_t(degrees_of_freedom), p);
}

size_t median_rank(size_t n, double alpha) {
  double below = 0; // P(fewer than k of n values lie below the median)
  size_t k = 0;
  const double logarithm = static_cast<double>(n) * std::log(2.0);
  while (k < (n + 1) / 2) {
    const double j = static_cast<double>(k), size = static_cast<double>(n);
    below += std::exp(std::lgamma(size + 1) - std::lgamma(j + 1) - std::lgamma(size - j + 1) - logarithm);
    if (below > alpha / 2) break;
    ++k;
  }
  return k;
}

std::optional<Interval> median_interval(std::vector<double> values, double alpha) {
  const size_t k = median_rank(values.size(), alpha);
  if (k == 0) return std::nullopt;
  std::sort(values.begin(), values.end());
  return Interval{values[k - 1], values[values.size() - k]};
}

std::optional<Interval> mean_interval(const std::vector<double> &values, double alpha) {
  if (values.size() < 2) return std::nullopt;
  const Summary summary = summarize(values);
  const double n = static_cast<double>(values.size());
  const double half = t_quantile(1 - alpha / 2, n - 1) * summary.sd / std::sqrt(n);
  return Interval{summary.mean - half, summary.mean + half};
}

} // namespace sgperf::stats
