// SPDX-License-Identifier: Apache-2.0
// One line an engine: geometric means over the workloads.
#include "emit/report.h"

#include "emit/engine_rows.h"
#include "emit/matrix.h"
#include "emit/readable.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sgperf::emit {
namespace {

// "1.52x [1.40, 1.66] 28": the last is the number of workloads, where there are fewer than there could be.
AlignedCells::Parts parts(const std::optional<stats::SuiteRatio> &mean, bool complete) {
  if (!mean) return {"-", "", ""};
  const auto &interval = mean->ratio.interval;
  return {digits(mean->ratio.ratio) + "x",
          interval ? "[" + digits(interval->low) + ", " + digits(interval->high) + "]" : "",
          complete ? "" : fmt::format("({})", mean->workloads)};
}

// Ratios to `native_engine`; if that is empty to the fastest.
std::string means_table(const merge::Model &model, const std::vector<EngineMean> &means,
                        const std::string &native_engine, const TextStyle &style) {
  const bool native = !native_engine.empty();
  MatrixText table;
  table.labels = {"engine", "WASI"};
  std::vector<std::string> engines, tables;
  const auto of = [&](const EngineMean &mean) -> const std::optional<stats::SuiteRatio> & {
    return native ? mean.to_native : mean.to_fastest;
  };
  for (const std::string &engine : model.engines)
    if (std::any_of(means.begin(), means.end(), [&](const EngineMean &m) { return m.engine == engine && of(m); })) {
      engines.push_back(engine);
      table.rows.push_back({marked_engine(model, engine), wasi_word(model, engine)});
    }
  for (const EngineTable &one : engine_tables)
    if (std::any_of(means.begin(), means.end(), [&](const EngineMean &m) { return m.table == one.name && of(m); })) {
      tables.push_back(one.name);
      table.columns.push_back(one.heading);
    }
  if (engines.empty() || tables.empty()) return "";
  const auto find = [&](size_t row, size_t column) -> AlignedCells::Parts {
    for (const EngineMean &mean : means) {
      if (mean.engine != engines[row] || mean.table != tables[column]) continue;
      if (mean.engine == native_engine) return {"1x", "", ""};
      return parts(of(mean), native ? mean.complete_native : mean.complete_fastest);
    }
    return {"-", "", ""};
  };
  std::vector<AlignedCells> widths(tables.size());
  bool incomplete = false;
  for (size_t column = 0; column < tables.size(); ++column)
    for (size_t row = 0; row < engines.size(); ++row) {
      const auto texts = find(row, column);
      widths[column].add(texts);
      incomplete = incomplete || !texts[2].empty();
    }
  table.cell = [&](size_t row, size_t column) { return widths[column].text(find(row, column)); };
  std::string out = matrix(table, style);
  if (incomplete)
    out += wrapped("  (n) = over n workloads only, since others failed or have no such value: not comparable with "
                   "means over more",
                   4, style);
  return out;
}

// Geometric mean of positive values; 0 if there is none.
double geometric_mean(const std::vector<double> &values) {
  double sum = 0;
  for (const double value : values) sum += std::log(value);
  return values.empty() ? 0 : std::exp(sum / static_cast<double>(values.size()));
}

std::string compile_table(const merge::Model &model, const EngineRows &engines, const TextStyle &style) {
  const auto compiles = engines.compiles();
  const auto artefacts = artefact_rows(model);
  TextTable table({{"engine", TextTable::left}, {"workloads"}, {"MB/s"}, {"code/module"}, {"artefact/module"}});
  for (const std::string &engine : engines.engines_of("compile")) {
    std::vector<double> speed, code, artefact;
    for (const CompileRow &row : compiles) {
      if (row.engine != engine) continue;
      if (row.bytes_per_second) speed.push_back(*row.bytes_per_second);
      if (row.code_bytes && row.module_bytes)
        code.push_back(static_cast<double>(row.code_bytes) / static_cast<double>(row.module_bytes));
    }
    for (const ArtefactRow &row : artefacts)
      if (row.engine == engine && row.artefact_ratio > 0) artefact.push_back(row.artefact_ratio);
    const auto text = [](const std::vector<double> &values, double scale) {
      return values.empty() ? std::string("-") : digits(geometric_mean(values) * scale);
    };
    table.row({marked_engine(model, engine), std::to_string(speed.size()), text(speed, 1e-6), text(code, 1),
               text(artefact, 1)});
  }
  if (table.empty()) return "";
  return title(
             "Compilation: module bytes a second of a+b, machine code and artefact beside the module (geometric means)",
             style) +
         table.text(style);
}

} // namespace

std::string text_summary(const merge::Model &model, const EngineRows &engines, const ReportOptions &options) {
  const auto means = engines.means();
  std::string out;
  // Of one engine, or one workload, the tables below say all.
  if (model.engines.size() > 1 && model.workloads.size() > 1) {
    const std::string native =
                          engines.native().empty() ? "" : means_table(model, means, engines.native(), options.style),
                      fastest = means_table(model, means, "", options.style);
    if (!native.empty())
      out += title("Summary: ratio to " + engines.native() + ", geometric mean over the workloads, 95 % interval",
                   options.style) +
             native;
    if (!fastest.empty())
      out += title("Summary: ratio to the fastest WebAssembly engine of each workload, geometric mean, 95 % interval",
                   options.style) +
             fastest;
  }
  return out + compile_table(model, engines, options.style);
}

} // namespace sgperf::emit
