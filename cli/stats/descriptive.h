// SPDX-License-Identifier: Apache-2.0
// Figures that describe one set of values.  Pure functions: no state, no files.
#pragma once

#include <cstddef>
#include <vector>

namespace sgperf::stats {

struct Summary {
  size_t n = 0;
  double min = 0, q1 = 0, median = 0, q3 = 0, max = 0;
  double mean = 0;
  double sd = 0;  // sample standard deviation (n - 1); 0 if n < 2
  double mad = 0; // median absolute deviation from the median, not scaled
};

Summary summarize(std::vector<double> values);

// Quantile of ascending values by linear interpolation, Hyndman & Fan (1996) type 7: the default of R and numpy.
double quantile_of_sorted(const std::vector<double> &sorted, double p);
double median(std::vector<double> values);

// As Sightglass's `summarize` has them: sorted[n / 2], and the mean distance from the mean.
double upper_median(std::vector<double> values);
double mean_absolute_deviation(const std::vector<double> &values);

} // namespace sgperf::stats
