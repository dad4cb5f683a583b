// SPDX-License-Identifier: Apache-2.0
// Workloads that call one function many times: what one call costs.
#include "emit/report.h"

#include "emit/readable.h"

#include <fmt/format.h>

namespace sgperf::emit {

std::string text_calls(const merge::Model &model, const std::vector<PhaseRow> &rows, const ReportOptions &options) {
  const auto calls = call_rows(model, rows);
  if (calls.empty()) return "";
  TextTable table({{"function", TextTable::left},
                   {"engine", TextTable::left},
                   {"WASI", TextTable::left},
                   {"per call"},
                   {"quartiles"},
                   {"ratio"}});
  std::string workload;
  for (const CallRow &row : calls) {
    if (row.workload != workload) {
      workload = row.workload;
      table.group(fmt::format(" {}  {} calls a run", workload, count(static_cast<double>(row.calls))));
    }
    const std::string measure = main_measure(model);
    table.row({"  " + row.workload, row.engine, row.wasi.empty() ? "-" : row.wasi, measure_value(measure, row.per_call),
               row.low < row.high ? measure_value(measure, row.low) + " .. " + measure_value(measure, row.high) : "-",
               row.ratio ? fmt::format("{:.2f}x", *row.ratio) : "-"});
  }
  return title("Cost of one call, by engine and WASI implementation (ratio: to the native row)", options.style) +
         table.text(options.style);
}

} // namespace sgperf::emit
