// SPDX-License-Identifier: Apache-2.0
#include "run/bench.h"

#include <signal.h>

#include <algorithm>
#include <cstdio>

namespace sgperf::run {

namespace {

// Without --iterations a process starts no further iteration after this time.
constexpr double process_budget_s = 10;

// A worker does not kill itself.
const char *hint(int signal) {
  return signal == SIGKILL ? " (by the kernel, for lack of memory, or by somebody else)" : "";
}

} // namespace

bool Bench::run_chain(const Slot &slot, const ChainPlan &chain, WorkerPlan plan, uint32_t index) {
  const Workload &workload = cells_.workloads[slot.workload];
  plan.chain = chain.chain;
  plan.compile_once = chain.compile_once;
  const EngineSpec &spec = cells_.engines[slot.engine].spec;
  const bool exactly = options_.iterations_given || spec.iterations;
  plan.iterations = spec.iterations ? spec.iterations : options_.iterations;
  plan.warmups = options_.warmups;
  plan.measures = measures_;
  plan.ns_per_tick = ns_per_tick_;
  plan.drop_caches = options_.drop_caches;
  plan.bound_compiles = !exactly;
  plan.time_limit_s = exactly ? 0 : process_budget_s;
  plan.software_events = options_.software_events;
  if (chain.chain == Chain::invoke)
    if (const auto inner = inner_.find(workload.id); inner != inner_.end()) plan.inner = inner->second;
  bool told_error = false;
  Answer error;
  WorkerOptions how = worker_options(slot.padding, true);
  // A native object reads the environment of its process; an engine must not see what is meant for its guest.
  if (cells_.engines[slot.engine].told.capabilities & SGPERF_ENGINE_CAP_NATIVE)
    how.env.insert(how.env.end(), options_.guest.env.begin(), options_.guest.env.end());
  const WorkerResult result = run_worker(
      plan, how,
      [&](const Answer &answer, int pid) {
        if (answer.kind == Answer::Kind::error) {
          told_error = true;
          error = answer;
        }
        if (answer.kind != Answer::Kind::iteration) return;
        for (const PhaseReading &phase : answer.phases)
          if (std::find(chain.phases.begin(), chain.phases.end(), phase.phase) != chain.phases.end())
            take(row(slot, phase, answer, pid, index));
        if (!answer.output_hash.empty()) cell(slot).output_hash = answer.output_hash;
        for (const std::string &warning : answer.warnings) warn("W107", "warning", name_of(slot), warning);
      },
      [&] { progress_->tick(); });
  if (scopes_) scopes_->collect(writer_.folder());
  const std::string tail = [&] {
    std::string text = error.output_tail;
    if (!result.engine_output.empty()) text += (text.empty() ? "" : "\n") + result.engine_output;
    return text;
  }();
  if (result.interrupted) return false;
  if (!result.error.empty()) {
    error_row(slot, index, &result, "engine_error", "start", result.error, "");
  } else if (told_error) {
    error_row(slot, index, &result, error.status, error.phase, error.message, tail);
  } else if (result.timed_out) {
    char text[128];
    snprintf(text, sizeof text, "> %g s: no iteration ended in this time, the worker was killed in %s of iteration %u",
             options_.timeout_s, to_text(result.stage), result.iteration);
    error_row(slot, index, &result, "timeout", to_text(result.stage), text, tail);
  } else if (!result.finished) {
    const std::string how = result.signal
                                ? "was ended by " + signal_name(result.signal) + hint(result.signal)
                                : "left with code " + std::to_string(result.exit_code) + " without saying why";
    error_row(slot, index, &result, "crash", to_text(result.stage),
              "the worker " + how + " in " + to_text(result.stage) + " of iteration " +
                  std::to_string(result.iteration),
              tail);
  } else {
    if (result.signal)
      warn("W108", "info", cells_.engines[slot.engine].spec.id,
           "crashes when it is freed (" + signal_name(result.signal) + "); its samples are complete");
    return true;
  }
  return false;
}

bool Bench::run_unit(const Slot &slot) {
  const Engine &engine = cells_.engines[slot.engine];
  const Workload &workload = cells_.workloads[slot.workload];
  if (!engine.problem.empty()) {
    error_row(slot, 0, nullptr, engine.status, "load", engine.problem, "");
    return false;
  }
  const std::vector<ChainPlan> chains = chains_for(phases_, engine.told.capabilities, !workload.invoke.empty());
  if (chains.empty()) {
    const bool process = engine.told.capabilities & SGPERF_ENGINE_CAP_ONLY_CALL;
    error_row(slot, 0, nullptr, "unsupported", process ? "call" : "serialize",
              "none of the phases asked for exists here: " + engine.spec.id +
                  (process ? " is a process of its own and has `call` only" : " has no serialize and deserialize"),
              "");
    return false;
  }
  uint32_t index = 0;
  for (const ChainPlan &chain : chains) {
    std::string problem;
    const auto plan = cell_plan(options_, engine, workload, work_.fresh(), problem);
    if (!plan) {
      error_row(slot, index, nullptr, "unsupported", "load", problem, "");
      return false;
    }
    if (!run_chain(slot, chain, *plan, index++)) return false;
  }
  return true;
}

} // namespace sgperf::run
