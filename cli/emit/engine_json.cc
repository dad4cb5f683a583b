// SPDX-License-Identifier: Apache-2.0
#include "emit/engine_json.h"

namespace sgperf::emit {
namespace {

using json = nlohmann::ordered_json;

json ratio_or_null(const std::optional<stats::BlockRatio> &ratio) {
  return ratio ? ratio_json(*ratio) : json(nullptr);
}

json mean_json(const std::optional<stats::SuiteRatio> &mean, bool complete) {
  if (!mean) return nullptr;
  json out = ratio_json(mean->ratio);
  out["workloads"] = mean->workloads;
  out["complete"] = complete;
  out["wins"] = mean->wins;
  out["losses"] = mean->losses;
  out["undecided"] = mean->ties;
  return out;
}

const char *kind_text(stats::BreakEven::Kind kind) {
  switch (kind) {
  case stats::BreakEven::always:
    return "always";
  case stats::BreakEven::from:
    return "from";
  case stats::BreakEven::below:
    return "below";
  case stats::BreakEven::never:
    break;
  }
  return "never";
}

json name_or_null(const std::string &name) {
  return name.empty() ? json(nullptr) : json(name);
}

} // namespace

json interval_json(const std::optional<stats::Interval> &value) {
  return value ? json{value->low, value->high} : json(nullptr);
}

json ratio_json(const stats::BlockRatio &ratio) {
  return {{"ratio", ratio.ratio},
          {"interval", interval_json(ratio.interval)},
          {"median_ratio", ratio.median_ratio},
          {"sign_interval", interval_json(ratio.sign_interval)},
          {"agree", ratio.agree},
          {"blocks", ratio.blocks},
          {"ties", ratio.ties}};
}

void add_engine_rows(json &out, const merge::Model &model, const EngineRows &engines) {
  json totals = json::array();
  for (const EngineValue &value : engines.values()) {
    const auto *entry = model.engine(value.engine);
    const merge::Cell *cell = model.cell(value.workload, value.engine);
    totals.push_back({{"table", value.table},
                      {"engine", engine_key(model, value.engine)},
                      {"engine_id", value.engine},
                      {"workload", value.workload},
                      {"wasi", entry ? entry->wasi : ""},
                      {"lazy", cell ? lazy_of(*cell) : 0},
                      {"unit", value.unit},
                      {"median", value.median},
                      {"against_native", ratio_or_null(value.to_native)},
                      {"fastest", name_or_null(value.fastest)},
                      {"against_fastest", ratio_or_null(value.to_fastest)}});
  }
  out["totals"] = std::move(totals);
  json means = json::array();
  for (const EngineMean &mean : engines.means())
    means.push_back({{"table", mean.table},
                     {"engine", engine_key(model, mean.engine)},
                     {"engine_id", mean.engine},
                     {"against_native", mean_json(mean.to_native, mean.complete_native)},
                     {"against_fastest", mean_json(mean.to_fastest, mean.complete_fastest)}});
  out["means"] = std::move(means);
  json compilation = json::array();
  for (const CompileRow &row : engines.compiles())
    compilation.push_back({{"engine", engine_key(model, row.engine)},
                           {"engine_id", row.engine},
                           {"workload", row.workload},
                           {"median", row.median},
                           {"module_bytes", row.module_bytes},
                           {"code_bytes", row.code_bytes},
                           {"bytes_per_second", maybe(row.bytes_per_second)}});
  out["compilation"] = std::move(compilation);
  json pairs = json::array();
  for (const BreakEvenRow &row : engines.break_even()) {
    const bool bounded = row.result.kind == stats::BreakEven::from || row.result.kind == stats::BreakEven::below;
    pairs.push_back({{"engine_id", row.engine},
                     {"other_engine_id", row.other},
                     {"workload", name_or_null(row.workload)},
                     {"cheaper", kind_text(row.result.kind)},
                     {"executions", bounded ? json(row.result.executions) : json(nullptr)},
                     {"clear", row.clear}});
  }
  out["break_even"] = std::move(pairs);
  json lines = json::array();
  for (const CheapestRow &row : engines.cheapest())
    for (const auto &[engine, from] : row.engines)
      lines.push_back({{"workload", name_or_null(row.workload)}, {"engine_id", engine}, {"executions", from}});
  out["cheapest"] = std::move(lines);
}

} // namespace sgperf::emit
