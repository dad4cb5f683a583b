// SPDX-License-Identifier: Apache-2.0
// The five tables: JIT, AOT compile, AOT execute, AOT total, pure.
#include "emit/report.h"

#include "emit/matrix.h"
#include "emit/readable.h"

#include <fmt/format.h>

#include <algorithm>

namespace sgperf::emit {
namespace {

std::string missing(const merge::Model &model, const std::string &workload, const std::string &engine) {
  const merge::Cell *cell = model.cell(workload, engine);
  return cell && !cell->failures.empty() ? failure_word(model, cell->failures.front().status) : "-";
}

class Tables {
public:
  Tables(const merge::Model &model, const std::vector<PhaseRow> &rows, const ReportOptions &options)
      : model_(model), rows_(rows), options_(options), measure_(main_measure(model)) {}

  std::string simple(const std::string &heading, const std::string &phase) {
    const auto engines = with(phase);
    if (engines.empty()) return "";
    return title(heading, options_.style) + matrix(
                                                model_, engines,
                                                [&](const std::string &workload, const std::string &engine) {
                                                  const PhaseRow *row =
                                                      find_row(rows_, engine, workload, phase, measure_);
                                                  return row ? value(*row) : missing(model_, workload, engine);
                                                },
                                                options_.style);
  }

  std::string aot_compile() {
    const auto engines = with("aot-compile");
    if (engines.empty()) return "";
    const auto artefacts = artefact_rows(model_);
    TextTable table({{"workload", TextTable::left},
                     {"engine", TextTable::left},
                     {"AOT compile"},
                     {"ratio"},
                     {"module"},
                     {"artefact"},
                     {"artefact/module"},
                     {"machine code"}});
    for (const std::string &workload : model_.workloads)
      for (const std::string &engine : engines) {
        const PhaseRow *row = find_row(rows_, engine, workload, "aot-compile", measure_);
        if (!row && !model_.cell(workload, engine)) continue;
        std::vector<std::string> cells{workload, engine};
        cells.push_back(row ? measure_value(measure_, row->summary.median) : missing(model_, workload, engine));
        cells.push_back(row ? ratio_text(*row) : "-");
        const auto at = std::find_if(artefacts.begin(), artefacts.end(), [&](const auto &artefact) {
          return artefact.workload == workload && artefact.engine == engine;
        });
        const auto size = [](uint64_t n) { return n ? bytes(static_cast<double>(n)) : std::string("-"); };
        const bool there = at != artefacts.end();
        cells.push_back(there ? size(at->module_bytes) : "-");
        cells.push_back(there ? size(at->artefact_bytes) : "-");
        cells.push_back(there && at->artefact_ratio > 0 ? fmt::format("{:.2f}", at->artefact_ratio) : "-");
        cells.push_back(there ? size(at->code_bytes) : "-");
        table.row(std::move(cells));
      }
    return title("AOT compile = parse + compile + serialize (a+b+b'), and the artefact's size", options_.style) +
           table.text(options_.style);
  }

  std::string aot_total() {
    const auto engines = with("aot-total");
    if (engines.empty()) return "";
    const auto differences = aot_difference_rows(model_, rows_);
    const auto cell = [&](const std::string &workload, const std::string &engine) {
      const PhaseRow *row = find_row(rows_, engine, workload, "aot-total", measure_);
      if (!row) return missing(model_, workload, engine);
      std::string out = value(*row);
      for (const auto &difference : differences)
        if (difference.engine == engine && difference.workload == workload) {
          const double share = difference.ratio.ratio - 1;
          out += fmt::format(" {}{}", share >= 0 ? "+" : "", percent(share));
        }
      return out;
    };
    return title("AOT total = parse to execute through an artefact (a+b+b'+c'+c+d); in % the difference to JIT",
                 options_.style) +
           matrix(model_, engines, cell, options_.style);
  }

private:
  std::vector<std::string> with(const std::string &phase) const {
    std::vector<std::string> out;
    for (const std::string &engine : model_.engines)
      if (std::any_of(rows_.begin(), rows_.end(), [&](const PhaseRow &row) {
            return row.engine == engine && row.phase == phase && row.measure == measure_;
          }))
        out.push_back(engine);
    return out;
  }

  static std::string ratio_text(const PhaseRow &row) {
    return row.ratio ? fmt::format("{:.2f}x", row.ratio->ratio) : row.reference.empty() ? "1x" : "-";
  }

  std::string value(const PhaseRow &row) const {
    return measure_value(measure_, row.summary.median) + " " + ratio_text(row);
  }

  const merge::Model &model_;
  const std::vector<PhaseRow> &rows_;
  const ReportOptions &options_;
  std::string measure_;
};

} // namespace

std::string text_tables(const merge::Model &model, const std::vector<PhaseRow> &rows, const ReportOptions &options) {
  Tables tables(model, rows, options);
  return tables.simple("JIT = parse + compile + instantiate + execute (a+b+c+d), one interval in one process", "jit") +
         tables.aot_compile() +
         tables.simple("AOT execute = deserialize + instantiate + execute (c'+c+d)", "aot-execute") +
         tables.aot_total() +
         tables.simple("Pure execution (d): bench.start to bench.end, or the whole call where a module has no marks",
                       "execute");
}

} // namespace sgperf::emit
