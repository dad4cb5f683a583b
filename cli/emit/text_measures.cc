// SPDX-License-Identifier: Apache-2.0
// What else was counted while the workloads executed, and what could not be.
#include "emit/report.h"

#include "emit/readable.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sgperf::emit {
namespace {

using Group = std::vector<std::pair<const char *, const char *>>; // measure, title

const std::vector<Group> &groups() {
  static const std::vector<Group> all{{{"tsc_ticks", "TSC ticks"},
                                       {"task_clock_ns", "task clock"},
                                       {"user_ns", "user"},
                                       {"system_ns", "system"},
                                       {"peak_rss_bytes", "peak RSS"}},
                                      {{"minor_faults", "minor flt"},
                                       {"major_faults", "major flt"},
                                       {"context_switches_voluntary", "switches vol."},
                                       {"context_switches_involuntary", "invol."},
                                       {"migrations", "migrations"}},
                                      {{"cycles_user", "cycles u"},
                                       {"cycles_kernel", "cycles k"},
                                       {"instructions_user", "instr. u"},
                                       {"instructions_kernel", "instr. k"}},
                                      {{"cache_accesses_user", "cache acc. u"},
                                       {"cache_accesses_kernel", "cache acc. k"},
                                       {"cache_misses_user", "cache miss u"},
                                       {"cache_misses_kernel", "cache miss k"},
                                       {"branch_misses_user", "br. miss u"},
                                       {"branch_misses_kernel", "br. miss k"}}};
  return all;
}

std::string table_of(const merge::Model &model, const std::vector<PhaseRow> &rows, const Group &group,
                     const ReportOptions &options) {
  Group present;
  for (const auto &entry : group)
    if (std::any_of(rows.begin(), rows.end(), [&](const PhaseRow &row) { return row.measure == entry.first; }))
      present.push_back(entry);
  if (present.empty()) return "";
  std::vector<TextTable::Column> columns{{"workload", TextTable::left}, {"engine", TextTable::left}};
  for (const auto &[measure, heading] : present) columns.push_back({heading, TextTable::right});
  TextTable table(std::move(columns));
  for (const std::string &workload : model.workloads)
    for (const std::string &engine : model.engines) {
      std::vector<std::string> cells{workload, engine};
      bool any = false;
      for (const auto &[measure, heading] : present) {
        // A peak is known for the whole of a process only.
        const PhaseRow *row = nullptr;
        for (const char *phase : {"execute", "call", "jit", "aot-total"})
          if (!row) row = find_row(rows, engine, workload, phase, measure);
        any = any || row;
        // Less than an empty region costs is nothing that can be told from zero.
        std::string text = row ? measure_value(measure, std::max(0.0, row->summary.median)) : "n/a";
        if (row && row->running < 0.999) text += fmt::format(" ({:.0f} %)", row->running * 100);
        cells.push_back(std::move(text));
      }
      if (any) table.row(std::move(cells));
    }
  return table.empty() ? "" : "\n" + table.text(options.style);
}

} // namespace

std::string text_measures(const merge::Model &model, const std::vector<PhaseRow> &rows, const ReportOptions &options) {
  std::string out;
  if (show_details(model, options))
    for (const Group &group : groups()) out += table_of(model, rows, group, options);
  const bool multiplexed =
      std::any_of(rows.begin(), rows.end(), [](const PhaseRow &row) { return row.running < 0.999; });
  std::string absent;
  // One line a reason: most machines lack all hardware counters for the same one.
  std::vector<std::pair<std::string, std::string>> reasons; // reason, measures
  for (const auto &measure : model.meta.measures) {
    if (measure.available) continue;
    const std::string why = measure.reason.empty() ? "no reason was recorded" : measure.reason;
    auto at = std::find_if(reasons.begin(), reasons.end(), [&](const auto &entry) { return entry.first == why; });
    if (at == reasons.end())
      reasons.emplace_back(why, measure.name);
    else
      at->second += ", " + measure.name;
  }
  for (const auto &[why, measures] : reasons) absent += wrapped("  n/a: " + measures + ": " + why, 7, options.style);
  if (out.empty() && absent.empty()) return "";
  std::string head =
      title("Measures of the execution (median of one call; every phase is in JSON and CSV)", options.style);
  if (multiplexed) out += "  (n %) = the counter ran only that share of the time: extrapolated\n";
  return head + (out.empty() ? "" : out.substr(1)) + absent;
}

} // namespace sgperf::emit
