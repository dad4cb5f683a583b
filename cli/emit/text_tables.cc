// SPDX-License-Identifier: Apache-2.0
// The tables by engine and workload: JIT, AOT compile, AOT execute, AOT total, pure, compile.
#include "emit/report.h"

#include "emit/engine_rows.h"
#include "emit/matrix.h"
#include "emit/readable.h"

#include <fmt/format.h>

#include <map>

namespace sgperf::emit {
namespace {

class Tables {
public:
  Tables(const merge::Model &model, const std::vector<PhaseRow> &rows, const EngineRows &engines,
         const ReportOptions &options)
      : model_(model), engines_(engines), options_(options) {
    for (const DifferenceRow &row : aot_difference_rows(model, rows))
      differences_[{row.engine, row.workload}] = row.ratio.ratio - 1;
    for (const ArtefactRow &row : artefact_rows(model)) artefacts_[{row.engine, row.workload}] = row;
    for (const CompileRow &row : engines.compiles()) compiles_[{row.engine, row.workload}] = row;
  }

  std::string table(const EngineTable &one) const {
    const auto names = engines_.engines_of(one.name);
    if (names.empty()) return "";
    bool native = false; // any row of it
    AlignedCells widths;
    const auto each = [&](const auto &what) {
      for (const std::string &workload : model_.workloads)
        for (const std::string &engine : names)
          if (const EngineValue *value = engines_.find(engine, workload, one.name)) what(*value);
    };
    each([&](const EngineValue &value) { native = native || value.engine == engines_.native(); });
    each([&](const EngineValue &value) { widths.add(parts(value, native)); });
    const std::string body = matrix(
        model_, names,
        [&](const std::string &workload, const std::string &engine) {
          const EngineValue *value = engines_.find(engine, workload, one.name);
          return value ? widths.text(parts(*value, native)) : missing(workload, engine);
        },
        options_.style);
    std::string legend = "  median";
    if (native) legend += "; ratio to " + engines_.native();
    legend += "; ratio to the fastest WebAssembly engine of the workload";
    if (std::string(one.name) == "aot-total") legend += "; difference to JIT";
    if (std::string(one.name) == "aot-compile") legend += "; size of the artefact, and beside the module's";
    if (std::string(one.name) == "compile") legend += "; MB/s; machine code";
    return title(one.title, options_.style) + wrapped(legend, 2, options_.style) + body;
  }

private:
  AlignedCells::Parts parts(const EngineValue &value, bool native) const {
    AlignedCells::Parts out{measure_value(engines_.measure(), value.median)};
    const auto ratio = [](const std::optional<stats::BlockRatio> &r, bool own) {
      return r ? digits(r->ratio) + "x" : own ? "1x" : "-";
    };
    if (native) out.push_back(ratio(value.to_native, value.engine == engines_.native()));
    out.push_back(ratio(value.to_fastest, value.engine == value.fastest));
    const auto size = [](uint64_t n) { return n ? bytes(static_cast<double>(n)) : std::string("-"); };
    const std::pair<std::string, std::string> cell{value.engine, value.workload};
    if (value.table == "aot-total") {
      const auto at = differences_.find(cell);
      out.push_back(at == differences_.end() ? "-" : (at->second >= 0 ? "+" : "") + percent(at->second));
    } else if (value.table == "aot-compile") {
      const auto at = artefacts_.find(cell);
      out.push_back(at == artefacts_.end() ? "-" : size(at->second.artefact_bytes));
      out.push_back(
          at == artefacts_.end() || !(at->second.artefact_ratio > 0) ? "-" : digits(at->second.artefact_ratio) + "x");
    } else if (value.table == "compile") {
      const auto at = compiles_.find(cell);
      const bool known = at != compiles_.end();
      out.push_back(known && at->second.bytes_per_second ? digits(*at->second.bytes_per_second * 1e-6) : "-");
      out.push_back(known ? size(at->second.code_bytes) : "-");
    }
    return out;
  }

  std::string missing(const std::string &workload, const std::string &engine) const {
    const merge::Cell *cell = model_.cell(workload, engine);
    return cell && !cell->failures.empty() ? failure_word(model_, cell->failures.front().status) : "-";
  }

  const merge::Model &model_;
  const EngineRows &engines_;
  const ReportOptions &options_;
  std::map<std::pair<std::string, std::string>, double> differences_;
  std::map<std::pair<std::string, std::string>, ArtefactRow> artefacts_;
  std::map<std::pair<std::string, std::string>, CompileRow> compiles_;
};

} // namespace

std::string text_tables(const merge::Model &model, const std::vector<PhaseRow> &rows, const EngineRows &engines,
                        const ReportOptions &options) {
  const Tables tables(model, rows, engines, options);
  std::string out;
  for (const EngineTable &one : engine_tables) out += tables.table(one);
  return out;
}

} // namespace sgperf::emit
