// SPDX-License-Identifier: Apache-2.0
#include "run/bench.h"

#include <algorithm>
#include <cstdio>

namespace sgperf::run {

namespace {

// (module (import "bench" "start" (func)) (import "bench" "end" (func)) (memory (export "memory") 1)
//   (func (export "_start") call 0 call 1)): for when the workloads are not installed.
const char noop_module[] = "\0asm\1\0\0\0"
                           "\1\4\1\x60\0\0"
                           "\2\x1b\2\5bench\5start\0\0\5bench\3end\0\0"
                           "\3\2\1\0"
                           "\5\3\1\0\1"
                           "\7\x13\2\6memory\2\0\6_start\0\2"
                           "\xa\x8\1\6\0\x10\0\x10\1\xb";

} // namespace

Workload Bench::noop() {
  std::vector<Workload> found;
  std::string error;
  if (resolve_workloads({noop_name}, {}, found, error) && found.size() == 1) return found.front();
  Workload own;
  own.id = noop_name;
  own.path = work_.path() + "/noop.wasm";
  if (FILE *file = fopen(own.path.c_str(), "wb")) {
    fwrite(noop_module, 1, sizeof noop_module - 1, file);
    fclose(file);
  }
  return own;
}

// The same count for every engine of a workload, from the fastest.
void Bench::pilot() {
  for (const Workload &workload : cells_.workloads) {
    if (workload.invoke.empty() || inner_.count(workload.id)) continue;
    double fastest = 0;
    bool hooked = false;
    for (const Engine &engine : cells_.engines) {
      if (!engine.problem.empty() || interrupted) continue;
      std::string problem;
      auto plan = cell_plan(options_, engine, workload, work_.fresh(), problem);
      if (!plan) continue;
      plan->task = "pilot";
      for (const Answer &answer : run_worker(*plan, worker_options(0)).answers) {
        if (answer.kind != Answer::Kind::pilot) continue; // errors will come again, as rows
        hooked = hooked || answer.hooked;
        if (fastest == 0 || answer.call_ns < fastest) fastest = answer.call_ns;
      }
    }
    const uint64_t inner = hooked ? 1 : inner_count(fastest, shortest_interval_ns(step_ns_));
    inner_[workload.id] = inner;
    if (hooked)
      warn("W105", "info", workload.id,
           workload.invoke + " calls bench.start itself: it is called once a sample, not in a loop");
    else if (inner > 1 && options_.verbose)
      fprintf(stderr, "%s: inner loop of %llu calls\n", workload.id.c_str(), static_cast<unsigned long long>(inner));
  }
}

void Bench::calibrate() {
  const bool regions = std::find(phases_.begin(), phases_.end(), "execute") != phases_.end();
  const bool commands =
      std::any_of(cells_.workloads.begin(), cells_.workloads.end(), [](const Workload &w) { return w.invoke.empty(); });
  const Workload empty = noop();
  for (uint32_t e = 0; e < cells_.engines.size(); ++e) {
    const Engine &engine = cells_.engines[e];
    if (!engine.problem.empty()) continue;
    const auto record = [&](const Answer &answer, int pid, const std::string &workload, const char *only) {
      for (const PhaseReading &phase : answer.phases) {
        if (phase.phase != only) continue;
        record::Sample sample;
        sample.engine = engine.spec.id;
        sample.workload = workload;
        sample.process = static_cast<uint32_t>(pid);
        sample.iteration = answer.iteration;
        sample.role = record::Role::calibration;
        sample.phase = phase.phase;
        sample.inner = phase.inner;
        sample.start_ns = phase.start_ns;
        sample.values = phase.values;
        sample.running = phase.running;
        writer_.append(sample);
        corrections_.add(sample);
      }
    };
    if (regions && commands) {
      bool told = false;
      std::string problem;
      for (int process = 0; process < 3 && !interrupted; ++process) {
        auto plan = cell_plan(options_, engine, empty, work_.fresh(), problem);
        if (!plan) break;
        const std::vector<ChainPlan> chains = chains_for(phases_, engine.told.capabilities, false);
        if (chains.empty()) break;
        plan->chain = chains.front().chain; // the caches around the region must be as cold as in the cells
        plan->iterations = std::max(options_.iterations, 25u);
        plan->warmups = options_.warmups;
        plan->measures = measures_;
        plan->ns_per_tick = ns_per_tick_;
        plan->software_events = options_.software_events;
        plan->bound_compiles = !options_.iterations_given && !engine.spec.iterations;
        plan->time_limit_s = 0.3;
        plan->expected_stdout.clear();
        plan->expected_stderr.clear();
        Random random(options_.seed + e * 3 + static_cast<unsigned>(process));
        const WorkerResult result = run_worker(
            *plan, worker_options(static_cast<uint32_t>(random.below(4096))),
            [&](const Answer &a, int pid) {
              if (a.kind == Answer::Kind::iteration && a.role != "warmup") {
                record(a, pid, empty.id, "execute");
                told = true;
              }
              if (a.kind == Answer::Kind::error) problem = a.message;
            },
            [&] {
              if (progress_) progress_->tick();
            });
        if (problem.empty() && result.signal) problem = "ended by " + signal_name(result.signal);
      }
      if (!told && !interrupted)
        warn("W106", "warning", engine.spec.id,
             "the cost of an empty region is not known, values are not corrected: " + problem);
    }
    for (const Workload &workload : cells_.workloads) {
      const auto inner = inner_.find(workload.id);
      if (inner == inner_.end() || inner->second <= 1 || interrupted) continue;
      WorkerPlan plan;
      plan.task = "loop";
      plan.inner = inner->second;
      plan.own_loop = engine.told.loops_itself;
      plan.invoke_args = workload.invoke_args;
      plan.iterations = 20;
      plan.measures = measures_;
      plan.ns_per_tick = ns_per_tick_;
      plan.work_dir = work_.fresh();
      run_worker(plan, worker_options(0), [&](const Answer &a, int pid) {
        if (a.kind == Answer::Kind::loop) record(a, pid, workload.id, "empty-loop");
      });
    }
  }
}

} // namespace sgperf::run
