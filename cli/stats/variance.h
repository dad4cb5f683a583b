// SPDX-License-Identifier: Apache-2.0
// Where the variance of a cell comes from: iterations within a process, or processes.
//
// Two-level random-effects model of Kalibera & Jones, "Rigorous Benchmarking in Reasonable Time" (ISMM 2013), with the
// corrected formula of libkalibera, T_i^2 = S_i^2 - S_{i-1}^2 / r_{i-1}:
//   S1^2 = sum_b sum_i (y_bi - mean_b)^2 / (P (N - 1))         S2^2 = sum_b (mean_b - mean)^2 / (P - 1)
//   T1^2 = S1^2        T2^2 = max(0, S2^2 - S1^2 / N)          ICC = T2^2 / (T2^2 + T1^2)
// With different numbers of iterations N is n0 = (n - sum n_b^2 / n) / (P - 1) of the one-way analysis of variance
// (Searle, Casella, McCulloch, Variance Components, 1992, section 3.6), which is N when all are equal.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace sgperf::stats {

struct VarianceSplit {
  size_t processes = 0, values = 0;
  double mean = 0;
  double s1_squared = 0, s2_squared = 0;
  double t1_squared = 0;    // within a process
  double t2_squared = 0;    // between processes
  double icc = 0;           // share of t2_squared
  double design_effect = 1; // 1 + (N - 1) ICC
  double effective_n = 0;   // values / design_effect
};

// One vector a process.  nullopt: fewer than 2 processes, or none with 2 values.
std::optional<VarianceSplit> split_variance(const std::vector<std::vector<double>> &processes);

} // namespace sgperf::stats
