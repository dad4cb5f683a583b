// SPDX-License-Identifier: Apache-2.0
#include "merge/samples.h"

#include <algorithm>

namespace sgperf::merge {
namespace {

constexpr size_t keep_warnings = 16; // different ones of one cell

double share(const record::Sample &sample, const std::string &measure) {
  const auto at = sample.running.find(measure);
  return at == sample.running.end() ? 1 : at->second;
}

// A cause that is known to change timings, never the value itself (docs/methods.md).
bool is_disturbed(const record::Sample &sample) {
  for (const char *cause : {"steal_ns", "migrations", "major_faults"}) {
    const auto at = sample.disturbed.find(cause);
    if (at != sample.disturbed.end() && at->second > 0) return true;
  }
  return false;
}

void count_failure(Cell &cell, const record::Sample &sample) {
  for (Failure &failure : cell.failures)
    if (failure.status == sample.status && failure.message == sample.message) {
      ++failure.count;
      return;
    }
  // Messages may hold addresses and pids: rows of one status are one row from the fourth text on.
  size_t same = 0;
  for (Failure &failure : cell.failures)
    if (failure.status == sample.status && ++same == 3) {
      ++failure.count;
      return;
    }
  cell.failures.push_back({sample.status, sample.phase, sample.message, sample.stderr_tail, 1});
}

} // namespace

CellBuilder::CellBuilder(Model &model) : model_(model) {
  for (const auto &workload : model.meta.workloads)
    if (workload.calibration) calibration_.insert(workload.id);
}

void CellBuilder::add(record::Sample &&sample) {
  ++model_.samples;
  // Calibrations correct others and are summed up in meta.json; they are no cells of their own.
  if (sample.role == record::Role::calibration) return;
  Cell &cell = cells_[{sample.workload, sample.engine}];
  cell.engine = sample.engine;
  cell.workload = sample.workload;
  for (const std::string &warning : sample.warnings)
    if (cell.warnings.size() < keep_warnings) cell.warnings.insert(warning);
  if (sample.status != record::Status::ok) {
    count_failure(cell, sample);
    return;
  }
  if (sample.role == record::Role::warmup) return;
  Series &series = cell.phases[sample.phase];
  series.engine = sample.engine;
  series.workload = sample.workload;
  series.phase = sample.phase;
  if (sample.artefact_bytes) series.artefact_bytes.push_back(sample.artefact_bytes);
  if (sample.code_bytes) series.code_bytes.push_back(sample.code_bytes);
  series.lazy |= sample.lazy;
  series.inner_min = series.inner_min ? std::min(series.inner_min, sample.inner) : sample.inner;
  series.inner_max = std::max(series.inner_max, sample.inner);
  if (sample.role == record::Role::timed) {
    ++cell.samples;
    if (is_disturbed(sample)) ++cell.disturbed;
    if (const auto steal = sample.disturbed.find("steal_ns"); steal != sample.disturbed.end())
      cell.steal_ns += steal->second;
  }
  const double calls = static_cast<double>(sample.inner);
  for (const auto &[measure, value] : sample.values) {
    Point point;
    point.block = sample.block;
    point.process = sample.process;
    point.process_index = sample.process_index;
    point.iteration = sample.iteration;
    point.role = sample.role;
    // Peaks are states, not sums over the calls.
    const double divisor = measure == "peak_rss_bytes" ? 1 : calls;
    point.value = value / divisor;
    if (const auto at = sample.corrected.find(measure); at != sample.corrected.end())
      point.corrected = at->second / divisor;
    point.running = share(sample, measure);
    series.measures[measure].push_back(point);
  }
}

void CellBuilder::finish() {
  const auto add_unique = [](std::vector<std::string> &list, const std::string &id) {
    if (std::find(list.begin(), list.end(), id) == list.end()) list.push_back(id);
  };
  for (const auto &engine : model_.meta.engines) add_unique(model_.engines, engine.id);
  for (const auto &workload : model_.meta.workloads)
    if (!workload.calibration) add_unique(model_.workloads, workload.id);
  for (const auto &[key, cell] : cells_) {
    if (calibration_.count(cell.workload) && cell.phases.empty() && cell.failures.empty()) continue;
    add_unique(model_.workloads, cell.workload);
    add_unique(model_.engines, cell.engine);
  }
  for (const std::string &workload : model_.workloads)
    for (const std::string &engine : model_.engines) {
      const auto at = cells_.find({workload, engine});
      if (at != cells_.end()) model_.cells.push_back(std::move(at->second));
    }
  cells_.clear();
}

} // namespace sgperf::merge
