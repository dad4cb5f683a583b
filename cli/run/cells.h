// SPDX-License-Identifier: Apache-2.0
// Engines and workloads as they were found: what a plan is made of.
#pragma once

#include "record/meta.h"
#include "run/bench_plan.h"
#include "run/engine_spec.h"
#include "run/worker_process.h"
#include "run/workload.h"

#include <optional>
#include <string>
#include <vector>

namespace sgperf::run {

struct Engine {
  EngineSpec spec;
  Answer told;                 // what the worker's `describe` said
  std::string identity;        // build id of the library, else of the plug-in
  std::string status, problem; // not usable: Status text and why
  double load_seconds = 0;     // one process that only loads it
};

struct Cells {
  std::vector<Engine> engines;
  std::vector<Workload> workloads;
  std::vector<record::LeftOut> left_out; // -e all, -e ENGINE:*: not installed or not usable
};

// Resolves names, loads every engine once in a worker of its own.  False: `error` (wrong usage).
bool find_cells(const BenchOptions &options, const std::vector<std::string> &measures, double ns_per_tick,
                WorkFolder &work, Cells &cells, std::string &error);

// Loads one engine and asks what it is.
void probe_engine(Engine &engine, const std::vector<std::string> &measures, double ns_per_tick, bool software,
                  WorkFolder &work);

// The plan common to all processes of a cell; nullopt: this engine cannot run this workload, `problem` says why.
std::optional<WorkerPlan> cell_plan(const BenchOptions &options, const Engine &engine, const Workload &workload,
                                    const std::string &work_dir, std::string &problem);

} // namespace sgperf::run
