// SPDX-License-Identifier: Apache-2.0
// CSV rows of the tables that compare engines.
#include "emit/csv_rows.h"
#include "emit/engine_rows.h"

namespace sgperf::emit {
namespace {

void cell(const merge::Model &model, const std::string &engine, const std::string &workload, CsvRows &rows) {
  rows.engine(model, engine);
  rows.text("workload", workload);
  const merge::Cell *found = model.cell(workload, engine);
  rows.number("lazy", found ? lazy_of(*found) : lazy_bits(model, engine));
}

} // namespace

void engine_csv(const merge::Model &model, const EngineRows &engines, CsvRows &rows) {
  const auto ratio_row = [&](const char *kind, const EngineValue &value, const stats::BlockRatio &ratio,
                             const std::string &reference) {
    rows.begin(kind);
    cell(model, value.engine, value.workload, rows);
    rows.text("phase", value.table);
    rows.text("measure", engines.measure());
    rows.text("unit", value.unit);
    rows.value("median", value.median);
    rows.text("reference", reference);
    rows.text("blocks", std::to_string(ratio.blocks));
    rows.ratio(ratio);
    rows.end();
  };
  for (const EngineValue &value : engines.values()) {
    // An engine's own row has a ratio of 1, so that every value is found in either kind of row.
    const stats::BlockRatio itself{value.block_values.size(), value.block_values.size(), 1, {}, 1, {}, true};
    if (value.to_native || value.engine == engines.native())
      ratio_row("against_native", value, value.to_native.value_or(itself), engines.native());
    if (value.to_fastest || value.engine == value.fastest)
      ratio_row("against_fastest", value, value.to_fastest.value_or(itself), value.fastest);
  }
  for (const EngineMean &mean : engines.means())
    for (const auto &[kind, suite, complete] : {std::tuple("mean_against_native", mean.to_native, mean.complete_native),
                                                {"mean_against_fastest", mean.to_fastest, mean.complete_fastest}}) {
      if (!suite) continue;
      rows.begin(kind);
      rows.engine(model, mean.engine);
      rows.number("lazy", lazy_bits(model, mean.engine));
      rows.text("phase", mean.table);
      rows.text("measure", engines.measure());
      rows.text("count", std::to_string(suite->workloads));
      rows.text("blocks", std::to_string(suite->ratio.blocks));
      rows.ratio(suite->ratio);
      rows.text("status", complete ? "ok" : "incomplete");
      rows.end();
    }
  for (const CompileRow &row : engines.compiles()) {
    rows.begin("compilation");
    cell(model, row.engine, row.workload, rows);
    rows.text("measure", engines.measure());
    rows.value("median", row.median);
    rows.size("module_bytes", row.module_bytes);
    rows.size("code_bytes", row.code_bytes);
    rows.value("bytes_per_second", row.bytes_per_second);
    rows.end();
  }
  for (const BreakEvenRow &row : engines.break_even()) {
    static const char *const kinds[] = {"always", "never", "from", "below"};
    rows.begin("break_even");
    rows.engine(model, row.engine);
    rows.text("workload", row.workload);
    rows.text("reference", row.other);
    rows.text("status", kinds[row.result.kind]);
    if (row.result.executions > 0) rows.value("count", row.result.executions);
    rows.text("text", row.clear ? "" : "not clear: an interval of their ratios holds 1");
    rows.end();
  }
  for (const CheapestRow &row : engines.cheapest())
    for (const auto &[engine, from] : row.engines) {
      rows.begin("cheapest");
      rows.engine(model, engine);
      rows.text("workload", row.workload);
      rows.value("count", from);
      rows.end();
    }
}

} // namespace sgperf::emit
