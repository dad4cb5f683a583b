// SPDX-License-Identifier: Apache-2.0
// What may be wrong with the numbers above.
#include "emit/report.h"

#include "emit/readable.h"

#include <fmt/format.h>

#include <cmath>

namespace sgperf::emit {
namespace {

constexpr double large_correction = 0.001; // of the region

std::string state_line(const merge::Model &model) {
  std::string out;
  for (const char *key : {"load", "steal", "governor", "turbo", "smt", "aslr", "virtualization", "clocksource"}) {
    const auto at = model.meta.machine.find(key);
    if (at != model.meta.machine.end() && !at->second.empty())
      out += fmt::format("{}{} {}", out.empty() ? "" : ", ", key, at->second);
  }
  return out;
}

} // namespace

std::string text_warnings(const merge::Model &model, const std::vector<PhaseRow> &rows, const ReportOptions &options) {
  std::string out;
  const auto line = [&](const std::string &text) { out += wrapped("  " + text, 4, options.style); };
  const std::string state = state_line(model);
  if (!state.empty()) line("machine: " + state);
  for (const auto &warning : model.meta.warnings)
    line(warning.id + " " + (warning.severity.empty() ? "" : warning.severity + ", ") +
         (warning.subject.empty() ? "" : warning.subject + ": ") + warning.text);
  for (const auto &engine : model.meta.engines)
    if (!engine.error.empty()) line(engine.id + ": not used: " + engine.error);
  TextTable table({{"cost of an empty region", TextTable::left},
                   {"workload", TextTable::left},
                   {"phase", TextTable::left},
                   {"region"},
                   {"empty"},
                   {"of it"},
                   {""}});
  const std::string measure = main_measure(model);
  for (const PhaseRow &row : rows) {
    if (row.measure != measure || !row.correction_share) continue;
    const double region = row.raw_median.value_or(row.summary.median);
    table.row({"  " + row.engine, row.workload, row.phase, measure_value(measure, region),
               measure_value(measure, region * *row.correction_share), percent(*row.correction_share),
               std::fabs(*row.correction_share) > large_correction ? "> 0.1 %: warning" : ""});
  }
  if (!table.empty()) out += table.text(options.style);
  uint64_t samples = 0, disturbed = 0;
  double steal = 0;
  for (const auto &cell : model.cells) {
    samples += cell.samples;
    disturbed += cell.disturbed;
    steal += cell.steal_ns;
  }
  if (disturbed)
    line(fmt::format("{} of {} timed samples were disturbed (steal, migration or a major fault{}); none is left out",
                     disturbed, samples,
                     steal > 0 ? fmt::format("; {} stolen by the hypervisor in all", duration(steal)) : ""));
  for (const auto &session : model.sessions) {
    if (!session.note.empty()) line(session.comm + fmt::format(" (pid {}): ", session.pid) + session.note);
    for (const auto &remark : session.remarks) line(session.comm + fmt::format(" (pid {}): ", session.pid) + remark);
  }
  for (const auto &remark : model.remarks) line(remark);
  return out.empty() ? "" : title("Warnings and state of the machine", options.style) + out;
}

} // namespace sgperf::emit
