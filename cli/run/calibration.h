// SPDX-License-Identifier: Apache-2.0
// What the measuring itself costs, and how often a short function is repeated: found before block 1, in processes of
// their own.
#pragma once

#include "record/meta.h"
#include "record/sample.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace sgperf::run {

// The cost of an empty region (bench.start, bench.end with nothing between) or of an empty inner loop, as distributions
// per measure; the correction is the median.
class Corrections {
public:
  // A calibration sample (role calibration; phase execute or empty-loop).
  void add(const record::Sample &sample);
  void correct(record::Sample &sample) const;
  std::vector<record::Correction> summary() const;
  // Median of one; < 0 = not known.
  double median(const std::string &engine, const std::string &phase, const std::string &measure) const;

private:
  struct Series {
    std::vector<double> values;
    std::map<uint32_t, bool> processes;
    double median = 0;
  };
  // (engine, phase) -> measure.  Phases: "execute", "execute (cold)", "empty-loop WORKLOAD".
  std::map<std::pair<std::string, std::string>, std::map<std::string, Series>> series_;
};

double median_of(std::vector<double> values, double quantile = 0.5);

// Calls a loop needs so that it lasts `floor_ns` with the fastest engine.
uint64_t inner_count(double fastest_call_ns, double floor_ns);
// max(1000 clock steps, 50 us).
double shortest_interval_ns(double step_ns);

} // namespace sgperf::run
