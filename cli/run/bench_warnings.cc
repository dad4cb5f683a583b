// SPDX-License-Identifier: Apache-2.0
#include "run/bench.h"

#include <cstdio>

namespace sgperf::run {

void Bench::warn(const std::string &id, const std::string &severity, const std::string &subject,
                 const std::string &text) {
  for (const record::Warning &w : meta_.warnings)
    if (w.id == id && w.subject == subject && w.text == text) return;
  meta_.warnings.push_back({id, severity, subject, text});
  if (severity != "info" || options_.verbose) {
    const std::string line = id + " " + subject + ": " + text;
    if (progress_)
      progress_->note(line);
    else
      fprintf(stderr, "%s\n", line.c_str());
  }
}

void Bench::final_warnings() {
  for (uint32_t e = 0; e < cells_.engines.size(); ++e)
    for (uint32_t w = 0; w < cells_.workloads.size(); ++w) {
      const CellState &state = states_[e * cells_.workloads.size() + w];
      const std::string subject = cells_.engines[e].spec.id + " x " + cells_.workloads[w].id;
      if (state.output_hash.empty() || !cells_.workloads[w].expected_stdout.empty()) {
      } else {
        for (uint32_t other = 0; other < e; ++other) {
          const CellState &reference = states_[other * cells_.workloads.size() + w];
          if (reference.output_hash.empty() || reference.output_hash == state.output_hash) continue;
          warn("W102", "warning", subject,
               "its stdout differs from that of " + cells_.engines[other].spec.id +
                   ", and there is no expected output to say which is right");
          break;
        }
      }
      for (const auto &[key, values] : state.region) {
        const bool loop = key.find(" loop") != std::string::npos;
        const std::string measure = key.substr(0, key.find(' '));
        const double cost = corrections_.median(cells_.engines[e].spec.id,
                                                loop ? "empty-loop " + cells_.workloads[w].id : "execute", measure);
        const double region = median_of(values);
        if (cost <= 0 || region <= 0 || cost / region <= 0.001 || measure == "wall_ns") continue;
        if (cells_.workloads[w].id == noop_name) continue; // nothing but the cost
        char text[160];
        snprintf(text, sizeof text, "%s costs %.1f %s, %.2f %% of the measured region: look at the corrected values",
                 loop ? "the empty loop" : "an empty region", cost, measure.c_str(), 100 * cost / region);
        warn("W101", "warning", subject, text);
      }
    }
}

} // namespace sgperf::run
