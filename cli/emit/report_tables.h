// SPDX-License-Identifier: Apache-2.0
// The rows that every format of the report shows: computed once, printed by text, JSON and CSV alike.
#pragma once

#include "merge/model.h"
#include "stats/descriptive.h"
#include "stats/interval.h"
#include "stats/ratio.h"
#include "stats/variance.h"

#include <optional>
#include <string>
#include <vector>

namespace sgperf::emit {

// One engine, workload, phase and measure.  Values are of one call.
struct PhaseRow {
  std::string engine, workload, phase, measure, unit;
  std::string wasi;       // of the engine: "own", "sgperf shim", "none"
  uint32_t lazy = 0;      // of the cell: 1 = compiled when first called, 2 = again while it runs (record::Sample::lazy)
  bool cold_only = false; // no timed iteration: the values are those of cold ones
  bool corrected = false; // values are less the cost of an empty region
  size_t blocks = 0, processes = 0, values = 0;
  stats::Summary summary;                  // of the process means; of the values where there is only one process
  std::optional<stats::Interval> interval; // of the median, 95 %
  stats::BlockValues block_values;
  std::optional<double> cold;             // median of cold iterations
  std::optional<double> raw_median;       // before correction, where corrected
  std::optional<double> correction_share; // cost of an empty region / raw median
  std::optional<stats::BlockRatio> ratio; // to the first engine that has this row
  std::string reference;                  // that engine; empty on its own row
  std::optional<stats::VarianceSplit> variance;
  uint64_t inner_min = 1, inner_max = 1;
  double running = 1; // least share of the time that a counter ran
};

// All measures of all phases, workload by workload, phase by phase, engine by engine.
std::vector<PhaseRow> phase_rows(const merge::Model &model);

// Of any phase of a cell: see PhaseRow::lazy.
uint32_t lazy_of(const merge::Cell &cell);

// wall_ns where it was measured, else ticks, else the first measure there is.
std::string main_measure(const merge::Model &model);

struct ArtefactRow {
  std::string engine, workload;
  uint64_t module_bytes = 0, artefact_bytes = 0, code_bytes = 0; // 0 = not known
  double artefact_ratio = 0;                                     // artefact / module
};
std::vector<ArtefactRow> artefact_rows(const merge::Model &model);

// AOT total against JIT of the same engine, block by block.
struct DifferenceRow {
  std::string engine, workload;
  stats::BlockRatio ratio; // aot-total / jit
};
std::vector<DifferenceRow> aot_difference_rows(const merge::Model &model, const std::vector<PhaseRow> &rows);

// Workloads that call one function many times: cost of one.
struct CallRow {
  std::string engine, workload, wasi;
  uint64_t calls = 0;
  double per_call = 0, low = 0, high = 0; // ns (or ticks) of one call; quartiles
  std::string unit;
  std::optional<double> ratio; // to the native row, else to the first engine
};
std::vector<CallRow> call_rows(const merge::Model &model, const std::vector<PhaseRow> &rows);

// "wasmtime:cranelift": name and tier of an engine's id.
std::string engine_key(const merge::Model &model, const std::string &id);

const PhaseRow *find_row(const std::vector<PhaseRow> &rows, const std::string &engine, const std::string &workload,
                         const std::string &phase, const std::string &measure);

} // namespace sgperf::emit
