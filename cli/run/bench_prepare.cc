// SPDX-License-Identifier: Apache-2.0
#include "run/bench.h"

#include "run/measures/clock.h"
#include "run/measures/meter.h"
#include "run/measures/tsc.h"

#include <sys/random.h>

#include <algorithm>
#include <cstdio>

namespace sgperf::run {

BenchOutcome usage(const std::string &text) {
  fprintf(stderr, "sgperf bench: %s\n", text.c_str());
  return BenchOutcome::usage;
}
BenchOutcome environment(const std::string &text) {
  fprintf(stderr, "sgperf bench: %s\n", text.c_str());
  return BenchOutcome::environment;
}

WorkerOptions Bench::worker_options(uint32_t padding, bool scopes) {
  WorkerOptions how;
  how.timeout_s = options_.timeout_s;
  how.pin = options_.pin;
  how.padding = padding;
  if (options_.small) how.env.push_back("WASM_BENCH_USE_SMALL_WORKLOAD=1");
  if (scopes && scopes_) scopes_->environment(how.env); // not into what calibrates
  return how;
}

BenchOutcome Bench::prepare() {
  std::string error;
  if (work_.path().empty()) return environment(work_error_);
  if (!work_error_.empty()) fprintf(stderr, "sgperf bench: warning: %s\n", work_error_.c_str());
  phases_ = expand_phases(options_.phases, error);
  if (!error.empty()) return usage(error);
  measures_ = expand_measures(options_.measures, error);
  if (!error.empty()) return usage(error);
  if (options_.processes == 0 || options_.iterations == 0)
    return usage("--processes and --iterations must be at least 1");
  if (options_.pin >= 0) {
    const std::vector<int> cpus = allowed_cpus();
    if (std::find(cpus.begin(), cpus.end(), options_.pin) == cpus.end()) {
      std::string list;
      for (int cpu : cpus) list.append(" ").append(std::to_string(cpu));
      return usage("--pin " + std::to_string(options_.pin) + ": not a CPU this process may use; allowed:" + list);
    }
  }
  if (options_.workloads.empty() && options_.suites.empty()) options_.workloads = {"default"};
  if (options_.engines.empty()) options_.engines = {"wasmtime"};
  ns_per_tick_ = options_.timer == "clock" ? 0 : measure_ns_per_tick(30);
  if (options_.timer == "tsc" && ns_per_tick_ <= 0)
    return environment("--timer tsc: expected an invariant time-stamp counter that the kernel trusts, found none; "
                       "leave it out or use --timer clock");
  if (!options_.timer.empty()) setenv("SGPERF_TIMER", options_.timer.c_str(), 1); // the workers' scopes
  step_ns_ = ns_per_tick_ > 0 ? static_cast<double>(tick_step()) * ns_per_tick_ : 1.0;
  if (!options_.seed_given) {
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed) seed = monotonic_ns();
    options_.seed = seed >> 16; // short enough to be typed again
    options_.seed_given = true;
  }
  if (!find_cells(options_, measures_, ns_per_tick_, work_, cells_, error)) return usage(error);
  if (cells_.workloads.empty()) return usage("no workload to run: the suites named are empty");
  // Before an older recording is put aside for one without a single value.
  if (std::all_of(cells_.engines.begin(), cells_.engines.end(), [](const Engine &e) { return !e.problem.empty(); }))
    return environment("no engine to measure: " + cells_.engines.front().problem);
  // Engines may have more or fewer blocks than the others: a cell takes part in its first ones.
  uint32_t blocks = 0;
  for (const Engine &engine : cells_.engines) blocks = std::max(blocks, blocks_of(engine));
  schedule_ = make_schedule(options_.seed, static_cast<uint32_t>(cells_.engines.size()),
                            static_cast<uint32_t>(cells_.workloads.size()), blocks);
  std::erase_if(schedule_, [&](const Slot &slot) { return slot.block > blocks_of(cells_.engines[slot.engine]); });
  states_.resize(cells_.engines.size() * cells_.workloads.size());
  return BenchOutcome::done;
}

} // namespace sgperf::run
