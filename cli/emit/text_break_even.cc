// SPDX-License-Identifier: Apache-2.0
// After how many executions a dearer compilation has paid off.
#include "emit/report.h"

#include "emit/engine_rows.h"
#include "emit/matrix.h"
#include "emit/readable.h"

#include <fmt/format.h>

namespace sgperf::emit {
namespace {

std::string number(const stats::BreakEven &result) {
  switch (result.kind) {
  case stats::BreakEven::always:
    return "always";
  case stats::BreakEven::never:
    return "never";
  case stats::BreakEven::from:
    return count(result.executions) + "+";
  case stats::BreakEven::below:
    return "<" + count(result.executions);
  }
  return "";
}

} // namespace

std::string text_break_even(const merge::Model &model, const EngineRows &engines, const ReportOptions &options) {
  const auto lines = engines.cheapest();
  if (lines.empty()) return "";
  const TextStyle &style = options.style;
  std::string out = title("Break-even: who is cheapest for how many executions", style);
  out +=
      wrapped("  assumed: a module is compiled once (a+b), then executed n times (d each); instantiation is left out, "
              "and native code, whose compilation is not measured",
              2, style);
  TextTable table({{"workload", TextTable::left}, {"n = 1", TextTable::left}, {"then, from n on", TextTable::left}});
  const auto common = engines.common_workloads();
  for (const CheapestRow &row : lines) {
    std::string then;
    for (size_t i = 1; i < row.engines.size(); ++i)
      then += fmt::format("{}{} from {}", i > 1 ? ", " : "", row.engines[i].first, count(row.engines[i].second));
    const std::string name = row.workload.empty() ? fmt::format("all {} together", common.size()) : row.workload;
    const bool fits = display_width(then) <= 72;
    table.row({name, row.engines.front().first, then.empty() ? "(always)" : fits ? then : ""});
    if (!fits) table.remark("then " + then);
  }
  out += table.text(style);
  if (common.size() < model.workloads.size())
    out += fmt::format("  together: the {} of {} workloads that every engine ran\n", common.size(),
                       model.workloads.size());

  // Every pair, for the suite as a whole; of single workloads they are in JSON and CSV.
  const auto pairs = engines.break_even();
  std::vector<std::string> names;
  MatrixText grid;
  grid.labels = {"", "engine"};
  for (const std::string &engine : engines.engines_of("compile")) {
    names.push_back(engine);
    grid.columns.push_back(std::to_string(names.size()));
    grid.rows.push_back({std::to_string(names.size()), marked_engine(model, engine)});
  }
  bool unclear = false, any = false;
  grid.cell = [&](size_t row, size_t column) -> std::string {
    if (row == column) return ".";
    for (const BreakEvenRow &pair : pairs)
      if (pair.workload.empty() && pair.engine == names[row] && pair.other == names[column]) {
        unclear = unclear || !pair.clear;
        any = true;
        return number(pair.result) + (pair.clear ? "" : "?");
      }
    return "-";
  };
  const std::string text = matrix(grid, style);
  if (!any) return out;
  out +=
      title("Break-even of each pair, all workloads together: for which n the engine of the line is cheaper than the "
            "column's",
            style) +
      text;
  out += wrapped("  12+ = from 12 executions on; <12 = only for fewer than 12; always, never = one is ahead in both", 4,
                 style);
  if (unclear)
    out += wrapped("  ? = the 95 % interval of the ratio of their compile times or of their executions holds 1: the "
                   "order is not certain",
                   4, style);
  return out;
}

} // namespace sgperf::emit
