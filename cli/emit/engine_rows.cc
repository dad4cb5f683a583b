// SPDX-License-Identifier: Apache-2.0
#include "emit/engine_rows.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace sgperf::emit {
namespace {

// Sums of blocks that both have.
stats::BlockValues sum(const stats::BlockValues &a, const stats::BlockValues &b) {
  stats::BlockValues out;
  for (const auto &[block, value] : a)
    if (const auto other = b.find(block); other != b.end()) out[block] = value + other->second;
  return out;
}

double mean_logarithm(const stats::BlockValues &values) {
  double sum = 0;
  for (const auto &[block, value] : values) sum += std::log(value);
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

bool excludes_one(const stats::BlockValues &a, const stats::BlockValues &b) {
  const auto ratio = stats::block_ratio(a, b);
  return ratio && ratio->interval && (ratio->interval->low > 1 || ratio->interval->high < 1);
}

double nanoseconds_per_unit(const merge::Model &model, const std::string &measure) {
  if (measure == "wall_ns") return 1;
  return measure == "tsc_ticks" && model.meta.tsc_hz > 0 ? 1e9 / model.meta.tsc_hz : 0;
}

bool is_native(const merge::Model &model, const std::string &id) {
  const auto *entry = model.engine(id);
  return entry && entry->name == "native";
}

} // namespace

EngineRows::EngineRows(const merge::Model &model, const std::vector<PhaseRow> &rows)
    : model_(model), measure_(main_measure(model)) {
  for (const std::string &engine : model.engines)
    if (native_.empty() && is_native(model, engine)) native_ = engine;
  std::map<std::tuple<std::string, std::string, std::string>, const PhaseRow *> phases;
  for (const PhaseRow &row : rows)
    if (row.measure == measure_) phases[{row.engine, row.workload, row.phase}] = &row;
  const auto phase = [&](const std::string &engine, const std::string &workload, const char *name) {
    const auto at = phases.find({engine, workload, name});
    return at == phases.end() ? nullptr : at->second;
  };
  for (const EngineTable &table : engine_tables) {
    const std::string name = table.name;
    for (const std::string &workload : model.workloads) {
      const size_t begin = values_.size();
      for (const std::string &engine : model.engines) {
        const PhaseRow *row = phase(engine, workload, name == "pure" ? "execute" : table.name);
        if (!row && name == "pure") row = phase(engine, workload, "call");
        const PhaseRow *parse = name == "compile" ? phase(engine, workload, "parse") : nullptr;
        if (!row && name == "compile") row = phase(engine, workload, "parse+compile");
        if (!row) continue;
        EngineValue value{engine, workload, name, row->unit, row->summary.median, row->block_values, {}, {}, {}};
        if (parse) { // both of one process: a and b follow each other
          value.median += parse->summary.median;
          value.block_values = sum(value.block_values, parse->block_values);
        }
        index_[{engine, workload, name}] = values_.size();
        values_.push_back(std::move(value));
      }
      const EngineValue *native = nullptr, *fastest = nullptr;
      double least = 0;
      for (size_t i = begin; i < values_.size(); ++i) {
        const EngineValue &value = values_[i];
        if (value.engine == native_) native = &value;
        if (is_native(model, value.engine) || !(value.median > 0)) continue;
        // By the mean that the ratios are of, so that no ratio to it is below 1 where all have the same blocks.
        const double mean = mean_logarithm(value.block_values);
        if (!fastest || mean < least) fastest = &value, least = mean;
      }
      for (size_t i = begin; i < values_.size(); ++i) {
        EngineValue &value = values_[i];
        if (native && native != &value) value.to_native = stats::block_ratio(value.block_values, native->block_values);
        if (!fastest) continue;
        value.fastest = fastest->engine;
        if (fastest != &value) value.to_fastest = stats::block_ratio(value.block_values, fastest->block_values);
      }
    }
  }
}

const EngineValue *EngineRows::find(const std::string &engine, const std::string &workload,
                                    const std::string &table) const {
  const auto at = index_.find({engine, workload, table});
  return at == index_.end() ? nullptr : &values_[at->second];
}

std::vector<std::string> EngineRows::engines_of(const std::string &table) const {
  std::set<std::string> found;
  for (const EngineValue &value : values_)
    if (value.table == table) found.insert(value.engine);
  std::vector<std::string> out;
  for (const std::string &engine : model_.engines)
    if (found.contains(engine)) out.push_back(engine);
  return out;
}

std::vector<EngineMean> EngineRows::means() const {
  std::vector<EngineMean> out;
  for (const EngineTable &table : engine_tables) {
    std::map<std::string, const EngineValue *> fastest; // workload -> its fastest
    for (const EngineValue &value : values_)
      if (value.table == table.name && value.engine == value.fastest) fastest[value.workload] = &value;
    for (const std::string &engine : engines_of(table.name)) {
      EngineMean mean;
      mean.engine = engine;
      mean.table = table.name;
      std::vector<stats::BlockPair> native, best;
      size_t natives = 0;
      for (const std::string &workload : model_.workloads) {
        const EngineValue *value = find(engine, workload, table.name), *reference = find(native_, workload, table.name);
        natives += reference != nullptr;
        if (!value) continue;
        if (reference) native.push_back({value->block_values, reference->block_values});
        if (const auto at = fastest.find(workload); at != fastest.end())
          best.push_back({value->block_values, at->second->block_values});
      }
      mean.to_native = stats::suite_ratio(native);
      mean.to_fastest = stats::suite_ratio(best);
      mean.complete_native = native.size() == natives;
      mean.complete_fastest = best.size() == fastest.size();
      if (mean.to_native || mean.to_fastest) out.push_back(std::move(mean));
    }
  }
  return out;
}

std::vector<CompileRow> EngineRows::compiles() const {
  std::vector<CompileRow> out;
  const auto artefacts = artefact_rows(model_);
  const double ns = nanoseconds_per_unit(model_, measure_);
  for (const EngineValue &value : values_) {
    if (value.table != "compile") continue;
    CompileRow row{value.engine, value.workload, value.median, {}, 0, 0};
    if (const auto *workload = model_.workload(value.workload)) row.module_bytes = workload->size;
    for (const ArtefactRow &artefact : artefacts)
      if (artefact.engine == value.engine && artefact.workload == value.workload) row.code_bytes = artefact.code_bytes;
    if (ns > 0 && value.median > 0 && row.module_bytes)
      row.bytes_per_second = static_cast<double>(row.module_bytes) / (value.median * ns * 1e-9);
    out.push_back(std::move(row));
  }
  return out;
}

EngineRows::Suite EngineRows::costs_of(const std::string &workload) const {
  Suite out;
  for (const std::string &engine : model_.engines) {
    const EngineValue *compile = find(engine, workload, "compile"), *pure = find(engine, workload, "pure");
    if (!compile || !pure) continue;
    out[engine] = {{compile->median, pure->median}, compile->block_values, pure->block_values};
  }
  return out;
}

std::vector<std::string> EngineRows::common_workloads() const {
  // Of the engines that compile anything; a workload that one of them cannot run is in no sum.
  const auto engines = engines_of("compile");
  std::vector<std::string> out;
  for (const std::string &workload : model_.workloads) {
    const Suite suite = costs_of(workload);
    if (!suite.empty() && suite.size() == engines.size()) out.push_back(workload);
  }
  return out;
}

EngineRows::Suite EngineRows::suite_costs() const {
  Suite out;
  for (const std::string &workload : common_workloads())
    for (auto &[engine, cell] : costs_of(workload)) {
      const auto [at, first] = out.try_emplace(engine, cell);
      if (first) continue;
      at->second.costs.compile += cell.costs.compile;
      at->second.costs.execution += cell.costs.execution;
      at->second.compile = sum(at->second.compile, cell.compile);
      at->second.execution = sum(at->second.execution, cell.execution);
    }
  return out;
}

void EngineRows::add_pairs(const Suite &suite, const std::string &workload, std::vector<BreakEvenRow> &out) const {
  for (const std::string &engine : model_.engines)
    for (const std::string &other : model_.engines) {
      const auto a = suite.find(engine), b = suite.find(other);
      if (engine == other || a == suite.end() || b == suite.end()) continue;
      out.push_back({engine, other, workload, stats::break_even(a->second.costs, b->second.costs),
                     excludes_one(a->second.compile, b->second.compile) &&
                         excludes_one(a->second.execution, b->second.execution)});
    }
}

std::vector<BreakEvenRow> EngineRows::break_even() const {
  std::vector<BreakEvenRow> out;
  for (const std::string &workload : model_.workloads) add_pairs(costs_of(workload), workload, out);
  add_pairs(suite_costs(), "", out);
  return out;
}

std::vector<CheapestRow> EngineRows::cheapest() const {
  std::vector<CheapestRow> out;
  const auto add = [&](const Suite &suite, const std::string &workload) {
    if (suite.size() < 2) return;
    std::vector<std::string> engines;
    std::vector<stats::Costs> costs;
    for (const std::string &engine : model_.engines)
      if (const auto at = suite.find(engine); at != suite.end()) {
        engines.push_back(engine);
        costs.push_back(at->second.costs);
      }
    CheapestRow row{workload, {}};
    for (const stats::Cheapest &one : stats::cheapest(costs))
      row.engines.emplace_back(engines[one.index], one.executions);
    out.push_back(std::move(row));
  };
  for (const std::string &workload : model_.workloads) add(costs_of(workload), workload);
  add(suite_costs(), "");
  return out;
}

std::string wasi_word(const merge::Model &model, const std::string &engine) {
  const auto *entry = model.engine(engine);
  if (!entry || entry->wasi.empty() || entry->wasi == "none") return "-";
  return entry->wasi == "sgperf shim" ? "shim" : entry->wasi;
}

uint32_t lazy_bits(const merge::Model &model, const std::string &engine) {
  uint32_t bits = 0;
  for (const merge::Cell &cell : model.cells)
    if (cell.engine == engine) bits |= lazy_of(cell);
  return bits;
}

std::string marked_engine(const merge::Model &model, const std::string &engine) {
  static const char *const marks[] = {"", " (l)", " (t)", " (lt)"};
  return engine + marks[lazy_bits(model, engine) & 3];
}

} // namespace sgperf::emit
