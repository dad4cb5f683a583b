// SPDX-License-Identifier: Apache-2.0
#include "run/bench_run.h"

#include "run/bench.h"
#include "run/measures/clock.h"
#include "run/plan_text.h"
#include "run/signal_guard.h"

#include <cstdio>

namespace sgperf::run {

BenchOutcome Bench::run(std::string &recording) {
  const SignalGuard guard;
  if (options_.resume) {
    if (const BenchOutcome outcome = resume(); outcome != BenchOutcome::done) return outcome;
  } else {
    if (const BenchOutcome outcome = prepare(); outcome != BenchOutcome::done) return outcome;
    if (options_.dry_run) {
      print_plan(options_, cells_, schedule_, phases_, measures_);
      return BenchOutcome::done;
    }
    std::string error;
    if (!writer_.create(options_.output, error)) return environment(error);
    describe_meta();
  }
  recording = writer_.folder();
  if (options_.scopes) {
    std::string error;
    scopes_ = std::make_unique<ScopeFiles>(error);
    if (!error.empty()) return environment(error);
  }
  if (!save_meta(false)) return BenchOutcome::environment;
  if (!options_.quiet)
    fprintf(stderr, "sgperf bench: %zu engines x %zu workloads x %u blocks, seed %llu%s -> %s\n", cells_.engines.size(),
            cells_.workloads.size(), meta_.blocks, static_cast<unsigned long long>(options_.seed),
            options_.resume ? ", resumed" : "", recording.c_str());
  if (!prepared_) {
    // First, so that a run killed while it calibrates can be resumed as well.
    if (!save_plan()) return BenchOutcome::environment;
    pilot();
    if (!interrupted && options_.calibrate) calibrate();
    prepared_ = !interrupted;
    if (!save_plan() || !save_meta(false)) return BenchOutcome::environment;
  }

  std::vector<Slot> left;
  for (const Slot &slot : schedule_) {
    const auto done =
        writer_.finished().find({cells_.engines[slot.engine].spec.id, cells_.workloads[slot.workload].id, slot.block});
    if (done == writer_.finished().end())
      left.push_back(slot);
    else if (done->second) {
      any_failed_ = true;
      cell(slot).dropped = true;
    }
  }
  progress_ = std::make_unique<Progress>(left.size(), options_.verbose);
  size_t skipped = 0;
  for (const Slot &slot : left) {
    if (interrupted) break;
    if (cell(slot).dropped) {
      ++skipped;
      progress_->begin(name_of(slot));
      progress_->end("");
      continue;
    }
    progress_->begin(name_of(slot) + "  block " + std::to_string(slot.block));
    const bool ok = run_unit(slot);
    if (interrupted) break; // the unit is not complete: --resume does it again
    writer_.finish({cells_.engines[slot.engine].spec.id, cells_.workloads[slot.workload].id, slot.block}, !ok);
    progress_->end(ok ? "" : last_problem_);
    if (!writer_.error().empty()) return environment(writer_.error());
  }
  progress_.reset();
  if (!interrupted) final_warnings();
  meta_.anchors.push_back(clock_anchor());
  if (!save_meta(!interrupted)) return BenchOutcome::environment;
  if (interrupted) {
    fprintf(stderr, "sgperf bench: interrupted; what was measured is kept, go on with: sgperf bench --resume -o %s\n",
            recording.c_str());
    return BenchOutcome::interrupted;
  }
  if (skipped) fprintf(stderr, "sgperf bench: %zu processes of cells that had failed were not started\n", skipped);
  return any_failed_ ? BenchOutcome::failed_cells : BenchOutcome::done;
}

BenchOutcome run_bench(BenchOptions options, std::string &recording) {
  Bench bench(std::move(options));
  return bench.run(recording);
}

} // namespace sgperf::run
