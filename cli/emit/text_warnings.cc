// SPDX-License-Identifier: Apache-2.0
// What may be wrong with the numbers above.
#include "emit/report.h"

#include "emit/matrix.h"
#include "emit/readable.h"

#include <fmt/format.h>

#include <algorithm>
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

// Cost of an empty region, of each workload's region.
std::string corrections(const merge::Model &model, const std::vector<PhaseRow> &rows, const ReportOptions &options) {
  const std::string measure = main_measure(model);
  std::vector<std::string> engines, phases;
  const auto add = [](std::vector<std::string> &list, const std::string &entry) {
    if (std::find(list.begin(), list.end(), entry) == list.end()) list.push_back(entry);
  };
  for (const PhaseRow &row : rows) {
    if (row.measure != measure || !row.correction_share) continue;
    add(engines, row.engine);
    add(phases, row.phase);
  }
  std::string out;
  for (const std::string &phase : phases) {
    size_t large = 0;
    const auto cell = [&](const std::string &workload, const std::string &engine) {
      const PhaseRow *row = find_row(rows, engine, workload, phase, measure);
      if (!row || !row->correction_share) return std::string("-");
      const bool warn = std::fabs(*row->correction_share) > large_correction;
      large += warn;
      return percent(*row->correction_share) + (warn ? " !" : "  ");
    };
    const std::string table = matrix(model, engines, cell, options.style);
    out += "  cost of an empty region (taken off), of the region " + phase + ":\n" + table;
    if (large)
      out += wrapped("  ! = more than 0.1 %: a longer workload, or more inner calls, would measure it better", 4,
                     options.style);
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
  if (show_details(model, options)) out += corrections(model, rows, options);
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
