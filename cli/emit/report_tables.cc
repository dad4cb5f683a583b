// SPDX-License-Identifier: Apache-2.0
#include "emit/report_tables.h"

#include "emit/readable.h"

#include <algorithm>
#include <map>

namespace sgperf::emit {
namespace {

using merge::Point;

bool all_corrected(const std::vector<Point> &points, record::Role role) {
  bool any = false;
  for (const Point &point : points) {
    if (point.role != role) continue;
    if (!point.corrected) return false;
    any = true;
  }
  return any;
}

double mean(const std::vector<double> &values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

PhaseRow make_row(const merge::Series &series, const std::string &measure, const std::vector<Point> &points) {
  PhaseRow row;
  row.engine = series.engine;
  row.workload = series.workload;
  row.phase = series.phase;
  row.measure = measure;
  row.unit = unit_of_measure(measure);
  row.inner_min = series.inner_min;
  row.inner_max = series.inner_max;
  row.cold_only =
      std::none_of(points.begin(), points.end(), [](const Point &p) { return p.role == record::Role::timed; });
  const record::Role role = row.cold_only ? record::Role::cold : record::Role::timed;
  row.corrected = all_corrected(points, role);
  std::vector<double> cold, values, raw;
  std::map<uint32_t, std::vector<double>> by_block;
  std::map<std::pair<uint32_t, uint32_t>, std::vector<double>> by_process; // block, index or pid
  for (const Point &point : points) {
    const double value = row.corrected ? point.corrected.value_or(point.value) : point.value;
    row.running = std::min(row.running, point.running);
    if (point.role == record::Role::cold) cold.push_back(point.corrected.value_or(point.value));
    if (point.role != role) continue;
    values.push_back(value);
    raw.push_back(point.value);
    by_block[point.block].push_back(value);
    by_process[{point.block, point.process ? point.process : point.process_index}].push_back(value);
  }
  row.values = values.size();
  row.blocks = by_block.size();
  row.processes = by_process.size();
  if (!cold.empty() && !row.cold_only) row.cold = stats::median(cold);
  if (row.corrected) row.raw_median = stats::median(raw);
  for (const auto &[block, in_block] : by_block) row.block_values[block] = mean(in_block);
  std::vector<double> means;
  std::vector<std::vector<double>> processes;
  for (const auto &[key, in_process] : by_process) {
    means.push_back(mean(in_process));
    processes.push_back(in_process);
  }
  row.summary = stats::summarize(means.size() > 1 ? means : values);
  // Iterations of one process are not independent: no interval from them.
  if (means.size() > 1) row.interval = stats::median_interval(means);
  row.variance = stats::split_variance(processes);
  return row;
}

void add_corrections(const merge::Model &model, PhaseRow &row) {
  const double base = row.raw_median ? *row.raw_median : row.summary.median;
  if (!(base > 0)) return;
  // The empty region was measured as one call; a sample of n inner calls holds it once.
  const double calls = static_cast<double>(std::max<uint64_t>(row.inner_min, 1));
  for (const auto &correction : model.meta.corrections)
    if (correction.engine == row.engine && correction.phase == row.phase && correction.measure == row.measure)
      row.correction_share = correction.median / calls / base;
}

} // namespace

uint32_t lazy_of(const merge::Cell &cell) {
  uint32_t bits = 0;
  for (const auto &[phase, series] : cell.phases) bits |= series.lazy;
  return bits;
}

const PhaseRow *find_row(const std::vector<PhaseRow> &rows, const std::string &engine, const std::string &workload,
                         const std::string &phase, const std::string &measure) {
  for (const PhaseRow &row : rows)
    if (row.engine == engine && row.workload == workload && row.phase == phase && row.measure == measure) return &row;
  return nullptr;
}

std::vector<PhaseRow> phase_rows(const merge::Model &model) {
  std::vector<PhaseRow> rows;
  std::map<std::string, std::vector<const merge::Cell *>> by_workload;
  for (const merge::Cell &cell : model.cells) by_workload[cell.workload].push_back(&cell);
  for (const std::string &workload : model.workloads) {
    const auto &cells = by_workload[workload];
    std::vector<std::string> phases;
    for (const merge::Cell *cell : cells)
      for (const auto &[phase, series] : cell->phases)
        if (std::find(phases.begin(), phases.end(), phase) == phases.end()) phases.push_back(phase);
    std::stable_sort(phases.begin(), phases.end(),
                     [](const auto &a, const auto &b) { return merge::phase_rank(a) < merge::phase_rank(b); });
    for (const std::string &phase : phases) {
      std::map<std::string, size_t> reference; // measure -> row of the first engine
      for (const merge::Cell *cell : cells) {
        const auto series = cell->phases.find(phase);
        if (series == cell->phases.end()) continue;
        for (const auto &[measure, points] : series->second.measures) {
          PhaseRow row = make_row(series->second, measure, points);
          if (row.values == 0) continue;
          add_corrections(model, row);
          if (const auto *entry = model.engine(cell->engine)) row.wasi = entry->wasi;
          row.lazy = lazy_of(*cell);
          const auto [first, is_first] = reference.try_emplace(measure, rows.size());
          if (!is_first) {
            row.reference = rows[first->second].engine;
            row.ratio = stats::block_ratio(row.block_values, rows[first->second].block_values);
          }
          rows.push_back(std::move(row));
        }
      }
    }
  }
  return rows;
}

std::string main_measure(const merge::Model &model) {
  std::string first;
  bool ticks = false;
  for (const merge::Cell &cell : model.cells)
    for (const auto &[phase, series] : cell.phases)
      for (const auto &[measure, points] : series.measures) {
        if (measure == "wall_ns") return measure;
        ticks = ticks || measure == "tsc_ticks";
        if (first.empty()) first = measure;
      }
  return ticks ? "tsc_ticks" : first;
}

std::vector<ArtefactRow> artefact_rows(const merge::Model &model) {
  std::vector<ArtefactRow> rows;
  for (const merge::Cell &cell : model.cells) {
    std::vector<double> artefact, code;
    for (const auto &[phase, series] : cell.phases) {
      for (const uint64_t size : series.artefact_bytes) artefact.push_back(static_cast<double>(size));
      for (const uint64_t size : series.code_bytes) code.push_back(static_cast<double>(size));
    }
    if (artefact.empty() && code.empty()) continue;
    ArtefactRow row{cell.engine, cell.workload, 0, 0, 0, 0};
    if (const auto *workload = model.workload(cell.workload)) row.module_bytes = workload->size;
    row.artefact_bytes = static_cast<uint64_t>(stats::median(artefact));
    row.code_bytes = static_cast<uint64_t>(stats::median(code));
    if (row.module_bytes)
      row.artefact_ratio = static_cast<double>(row.artefact_bytes) / static_cast<double>(row.module_bytes);
    rows.push_back(row);
  }
  return rows;
}

std::vector<DifferenceRow> aot_difference_rows(const merge::Model &model, const std::vector<PhaseRow> &rows) {
  std::vector<DifferenceRow> out;
  const std::string measure = main_measure(model);
  for (const PhaseRow &row : rows) {
    if (row.phase != "aot-total" || row.measure != measure) continue;
    const PhaseRow *jit = find_row(rows, row.engine, row.workload, "jit", measure);
    if (!jit) continue;
    if (auto ratio = stats::block_ratio(row.block_values, jit->block_values))
      out.push_back({row.engine, row.workload, *ratio});
  }
  return out;
}

std::vector<CallRow> call_rows(const merge::Model &model, const std::vector<PhaseRow> &rows) {
  std::vector<CallRow> out;
  const std::string measure = main_measure(model);
  for (const auto &workload : model.meta.workloads) {
    if (workload.calls == 0) continue;
    const size_t begin = out.size();
    for (const std::string &engine : model.engines) {
      const PhaseRow *row = find_row(rows, engine, workload.id, "execute", measure);
      if (!row) row = find_row(rows, engine, workload.id, "call", measure);
      if (!row) continue;
      const double calls = static_cast<double>(workload.calls);
      CallRow call;
      call.engine = engine;
      call.workload = workload.id;
      if (const auto *entry = model.engine(engine)) call.wasi = entry->wasi;
      call.calls = workload.calls;
      call.per_call = row->summary.median / calls;
      call.low = row->summary.q1 / calls;
      call.high = row->summary.q3 / calls;
      call.unit = row->unit;
      out.push_back(std::move(call));
    }
    double base = 0;
    for (size_t i = begin; i < out.size(); ++i) {
      const auto *entry = model.engine(out[i].engine);
      if (entry && entry->name == "native") base = out[i].per_call;
    }
    if (base == 0 && begin < out.size()) base = out[begin].per_call;
    for (size_t i = begin; i < out.size(); ++i)
      if (base > 0) out[i].ratio = out[i].per_call / base;
  }
  return out;
}

std::string engine_key(const merge::Model &model, const std::string &id) {
  const auto *entry = model.engine(id);
  if (!entry || entry->name.empty()) return id;
  return entry->tier.empty() ? entry->name : entry->name + ":" + entry->tier;
}

} // namespace sgperf::emit
