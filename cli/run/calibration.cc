// SPDX-License-Identifier: Apache-2.0
#include "run/calibration.h"

#include <algorithm>
#include <cmath>

namespace sgperf::run {

double median_of(std::vector<double> values, double quantile) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double at = quantile * static_cast<double>(values.size() - 1);
  const auto low = static_cast<size_t>(at);
  const size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (values[high] - values[low]) * (at - static_cast<double>(low));
}

double shortest_interval_ns(double step_ns) {
  return std::max(1000 * step_ns, 50000.0);
}

uint64_t inner_count(double fastest_call_ns, double floor_ns) {
  if (!(fastest_call_ns > 0)) return 1;
  if (fastest_call_ns >= floor_ns) return 1;
  return static_cast<uint64_t>(std::min(std::ceil(floor_ns / fastest_call_ns), 1e7));
}

void Corrections::add(const record::Sample &sample) {
  std::string phase = sample.phase;
  if (phase == "empty-loop")
    phase += " " + sample.workload;
  else if (sample.iteration == 0)
    phase += " (cold)";
  for (const auto &[measure, value] : sample.values) {
    if (measure == "peak_rss_bytes") continue; // a level, not a cost
    Series &s = series_[{sample.engine, phase}][measure];
    s.values.push_back(value);
    s.processes[sample.process] = true;
    s.median = median_of(s.values);
  }
}

void Corrections::correct(record::Sample &sample) const {
  if (sample.phase != "execute" && sample.phase != "call") return;
  std::string phase;
  if (sample.inner > 1)
    phase = "empty-loop " + sample.workload;
  else if (sample.phase == "execute")
    phase = sample.role == record::Role::cold ? "execute (cold)" : "execute";
  const auto found = series_.find({sample.engine, phase});
  if (found == series_.end()) return;
  for (const auto &[measure, series] : found->second)
    if (const auto raw = sample.values.find(measure); raw != sample.values.end())
      sample.corrected[measure] = raw->second - series.median;
}

std::vector<record::Correction> Corrections::summary() const {
  std::vector<record::Correction> out;
  for (const auto &[key, measures] : series_)
    for (const auto &[measure, series] : measures)
      out.push_back({key.first, key.second, measure, series.median, median_of(series.values, 0.25),
                     median_of(series.values, 0.75), series.values.size(), series.processes.size()});
  return out;
}

double Corrections::median(const std::string &engine, const std::string &phase, const std::string &measure) const {
  const auto found = series_.find({engine, phase});
  if (found == series_.end()) return -1;
  const auto series = found->second.find(measure);
  return series == found->second.end() ? -1 : series->second.median;
}

} // namespace sgperf::run
