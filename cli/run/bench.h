// SPDX-License-Identifier: Apache-2.0
// One run of `sgperf bench`: what its parts share.  The parts are the files bench_*.cc.
#pragma once

#include "record/meta.h"
#include "run/bench_run.h"
#include "run/calibration.h"
#include "run/cells.h"
#include "run/machine.h"
#include "run/paths.h"
#include "run/progress.h"
#include "run/resume.h"
#include "run/schedule.h"
#include "run/scope_files.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sgperf::run {

inline constexpr const char *noop_name = "noop";

class Bench {
public:
  explicit Bench(BenchOptions options) : options_(std::move(options)), work_(work_error_) {}
  BenchOutcome run(std::string &recording);

private:
  struct CellState {
    int failures = 0;
    bool dropped = false;
    std::string output_hash;
    std::map<std::string, std::vector<double>> region; // execute, timed: for the share of the correction
  };

  BenchOutcome prepare();
  BenchOutcome resume();
  void describe_meta();
  void pilot();
  void calibrate();
  bool run_unit(const Slot &slot);
  bool run_chain(const Slot &slot, const ChainPlan &chain, WorkerPlan plan, uint32_t index);
  void error_row(const Slot &slot, uint32_t index, const WorkerResult *result, const std::string &status,
                 const std::string &phase, const std::string &message, const std::string &tail);
  record::Sample row(const Slot &slot, const PhaseReading &phase, const Answer &answer, int pid, uint32_t index) const;
  void take(record::Sample sample);
  void note_sample(const record::Sample &sample);
  void warn(const std::string &id, const std::string &severity, const std::string &subject, const std::string &text);
  void final_warnings();
  bool save_meta(bool ended);
  bool save_plan();
  Workload noop();
  std::string name_of(const Slot &slot) const {
    return cells_.engines[slot.engine].spec.id + " x " + cells_.workloads[slot.workload].id;
  }
  uint32_t blocks_of(const Engine &engine) const {
    return engine.spec.processes ? engine.spec.processes : options_.processes;
  }
  WorkerOptions worker_options(uint32_t padding, bool scopes = false);
  CellState &cell(const Slot &slot) { return states_[slot.engine * cells_.workloads.size() + slot.workload]; }

  BenchOptions options_;
  std::string work_error_;
  WorkFolder work_;
  std::vector<std::string> phases_, measures_;
  double ns_per_tick_ = 0, step_ns_ = 1;
  Cells cells_;
  std::map<std::string, uint64_t> inner_;
  std::vector<Slot> schedule_;
  std::vector<CellState> states_;
  Corrections corrections_;
  RecordingWriter writer_;
  record::Meta meta_;
  std::unique_ptr<Progress> progress_;
  std::unique_ptr<ScopeFiles> scopes_;
  const CpuTimes cpu_before_ = cpu_times();
  bool any_failed_ = false;
  bool prepared_ = false; // pilot and calibration are complete
  std::string last_problem_;
};

// What ends a run before it begins, said on stderr.
BenchOutcome usage(const std::string &text);
BenchOutcome environment(const std::string &text);

} // namespace sgperf::run
