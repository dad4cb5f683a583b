// SPDX-License-Identifier: Apache-2.0
// Confidence intervals of one set of independent values: one value a process or block, never pooled iterations.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace sgperf::stats {

inline constexpr double default_alpha = 0.05;

struct Interval {
  double low = 0, high = 0;
};

// Quantile of Student's t.
double t_quantile(double p, double degrees_of_freedom);

// Rank k (1-based) of the order statistics x_(k), x_(n+1-k) that cover the median with probability >= 1 - alpha:
// k = max{k : sum_{j<k} C(n,j) 2^-n <= alpha/2}.  0 = n is too small (n < 6 at 95 %, n < 8 at 99 %).
// Source: the binomial distribution of the number of values below the median; e.g. Conover, Practical Nonparametric
// Statistics, 3rd ed., section 3.2.
size_t median_rank(size_t n, double alpha = default_alpha);

std::optional<Interval> median_interval(std::vector<double> values, double alpha = default_alpha);
// mean -+ t(1 - alpha/2, n - 1) s / sqrt(n); needs n >= 2.
std::optional<Interval> mean_interval(const std::vector<double> &values, double alpha = default_alpha);

} // namespace sgperf::stats
