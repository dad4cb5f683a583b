// SPDX-License-Identifier: Apache-2.0
// Phases of each workload on each engine.
#include "emit/report.h"

#include "emit/readable.h"

#include <fmt/format.h>

namespace sgperf::emit {
namespace {

// Parts; the totals have tables of their own.
bool is_part(const std::string &phase) {
  return phase != "jit" && !phase.starts_with("aot-");
}

// Half the distance of the quartiles, of the median.
std::string spread(const PhaseRow &row) {
  if (row.summary.n < 2 || !(row.summary.median > 0)) return "-";
  return "+-" + percent((row.summary.q3 - row.summary.q1) / 2 / row.summary.median);
}

std::string ratio_cell(const PhaseRow &row) {
  return row.ratio ? ratio(row.ratio->ratio) : row.reference.empty() ? "1" : "-";
}

std::string interval_cell(const PhaseRow &row) {
  if (!row.ratio) return "";
  if (!row.ratio->interval) return "1 block";
  std::string low = ratio(row.ratio->interval->low), high = ratio(row.ratio->interval->high);
  low.pop_back();
  high.pop_back();
  return "[" + low + ", " + high + "]" + (row.ratio->agree ? "" : " ?");
}

// What a workload's cells could not do, in a table whose first three columns are engine, WASI and phase.
void add_failures(const merge::Model &model, const std::string &workload, TextTable &table) {
  for (const std::string &engine : model.engines) {
    const merge::Cell *cell = model.cell(workload, engine);
    if (!cell) continue;
    for (const merge::Failure &failure : cell->failures) {
      table.row({"  " + engine, wasi_word(model, engine), failure.phase.empty() ? "-" : failure.phase,
                 failure_word(model, failure.status)});
      table.remark(failure_sentence(model, failure));
    }
    for (const std::string &warning : cell->warnings) table.remark(engine + ": warning: " + warning);
  }
}

// In place of all phases, where they would be hundreds of lines.
std::string only_failures(const merge::Model &model, const ReportOptions &options) {
  TextTable table({{"engine", TextTable::left}, {"WASI", TextTable::left}, {"phase", TextTable::left}, {"status"}});
  for (const std::string &workload : model.workloads) {
    TextTable one({{""}, {""}, {""}, {""}});
    add_failures(model, workload, one);
    if (one.empty()) continue;
    table.group(" " + workload);
    add_failures(model, workload, table);
  }
  const std::string where = fmt::format(
      "  single phases and measures of {} cells are left out here: `sgperf report --details`, JSON and CSV have them",
      model.cells.size());
  return (table.empty() ? title("Phases", options.style)
                        : title("Cells that failed, or warned", options.style) + table.text(options.style)) +
         wrapped(where, 2, options.style);
}

} // namespace

std::string text_phases(const merge::Model &model, const std::vector<PhaseRow> &rows, const ReportOptions &options) {
  if (model.cells.empty()) return "";
  if (!show_details(model, options)) return only_failures(model, options);
  const std::string measure = main_measure(model);
  // In a narrow terminal the least needed columns go, not letters of names.
  const bool narrow = options.style.width && options.style.width < 100;
  const auto fitting = [&](auto columns) {
    if (narrow) columns.pop_back(), columns.erase(columns.begin() + 4);
    return columns;
  };
  TextTable table(fitting(std::vector<TextTable::Column>{{"engine", TextTable::left},
                                                         {"WASI", TextTable::left},
                                                         {"phase", TextTable::left},
                                                         {"median"},
                                                         {"spread"},
                                                         {"cold"},
                                                         {"ratio"},
                                                         {"95 % interval"},
                                                         {"n"}}));
  bool any_corrected = false, any_unstable = false, any_cold = false;
  for (const std::string &workload : model.workloads) {
    const auto *entry = model.workload(workload);
    std::string heading = " " + workload;
    if (entry && entry->size) heading += "  " + bytes(static_cast<double>(entry->size));
    uint64_t inner = 1;
    for (const PhaseRow &row : rows)
      if (row.workload == workload) inner = std::max(inner, row.inner_max);
    if (inner > 1) heading += fmt::format("  of one call, {} calls a sample", inner);
    table.group(heading);
    std::string phase;
    for (const PhaseRow &row : rows) {
      if (row.workload != workload || row.measure != measure || !is_part(row.phase)) continue;
      any_corrected = any_corrected || row.corrected;
      any_unstable = any_unstable || (row.ratio && !row.ratio->agree);
      any_cold = any_cold || row.cold_only;
      static const char *const marks[] = {"", " (l)", " (t)", " (lt)"};
      table.row(fitting(std::vector<std::string>{
          "  " + row.engine + marks[row.lazy & 3], wasi_word(model, row.engine), row.phase,
          measure_value(measure, row.summary.median) + (row.cold_only ? " c" : ""), spread(row),
          row.cold ? measure_value(measure, *row.cold) : "-", ratio_cell(row), interval_cell(row),
          fmt::format("{}x{}", row.processes, row.processes ? row.values / row.processes : 0)}));
    }
    add_failures(model, workload, table);
  }
  std::string out = title("Phases, " + measure, options.style);
  out += table.text(options.style);
  out += wrapped(
      "  median and spread (half the distance of the quartiles) of the process means; cold = first iteration of a "
      "process, kept apart; ratio = to the first engine that has the phase, block by block, geometric mean with "
      "its 95 % t interval (plain, not adjusted for the number of rows); n = processes x timed iterations",
      2, options.style);
  if (any_corrected)
    out += "  the cost of an empty region is taken off where it is known; raw values are in JSON and CSV\n";
  if (any_cold) out += "  c = only cold iterations: the plan has no timed ones\n";
  if (any_unstable) out += "  ? = the sign test disagrees with the t interval: the difference hangs on a few blocks\n";
  return out;
}

} // namespace sgperf::emit
