// SPDX-License-Identifier: Apache-2.0
#include "run/bench_run.h"

#include "record/meta.h"
#include "run/calibration.h"
#include "run/cells.h"
#include "run/digest.h"
#include "run/machine.h"
#include "run/measures/clock.h"
#include "run/measures/meter.h"
#include "run/measures/tsc.h"
#include "run/paths.h"
#include "run/plan_text.h"
#include "run/progress.h"
#include "run/resume.h"
#include "run/schedule.h"
#include "run/scope_files.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

namespace sgperf::run {
namespace {

namespace fs = std::filesystem;

void on_signal(int signal) {
  interrupted = signal;
}

// Back to what they were at the end of the scope.
class SignalGuard {
public:
  SignalGuard() {
    struct sigaction action {};
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    interrupted = 0;
    sigaction(SIGINT, &action, &int_);
    sigaction(SIGTERM, &action, &term_);
  }
  ~SignalGuard() {
    sigaction(SIGINT, &int_, nullptr);
    sigaction(SIGTERM, &term_, nullptr);
  }

private:
  struct sigaction int_ {
  }, term_{};
};

constexpr const char *noop_name = "noop";
// Without --iterations a process starts no further iteration after this time.
constexpr double process_budget_s = 10;

// (module (import "bench" "start" (func)) (import "bench" "end" (func)) (memory (export "memory") 1)
//   (func (export "_start") call 0 call 1)): for when the workloads are not installed.
const char noop_module[] = "\0asm\1\0\0\0"
                           "\1\4\1\x60\0\0"
                           "\2\x1a\2\5bench\5start\0\0\5bench\3end\0\0"
                           "\3\2\1\0"
                           "\5\3\1\0\1"
                           "\7\x13\2\6memory\2\0\6_start\0\2"
                           "\xa\x8\1\6\0\x10\0\x10\1\xb";

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
      for (int cpu : cpus) list += " " + std::to_string(cpu);
      return usage("--pin " + std::to_string(options_.pin) + ": not a CPU this process may use; allowed:" + list);
    }
  }
  if (options_.workloads.empty()) options_.workloads = {"default"};
  if (options_.engines.empty()) options_.engines = {"wasmtime"};
  ns_per_tick_ = measure_ns_per_tick(30);
  step_ns_ = ns_per_tick_ > 0 ? static_cast<double>(tick_step()) * ns_per_tick_ : 1.0;
  if (!options_.seed_given) {
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed) seed = monotonic_ns();
    options_.seed = seed >> 16; // short enough to be typed again
    options_.seed_given = true;
  }
  if (!find_cells(options_, measures_, ns_per_tick_, work_, cells_, error)) return usage(error);
  if (cells_.workloads.empty()) return usage("no workload to run: the suites named are empty");
  schedule_ = make_schedule(options_.seed, static_cast<uint32_t>(cells_.engines.size()),
                            static_cast<uint32_t>(cells_.workloads.size()), options_.processes);
  states_.resize(cells_.engines.size() * cells_.workloads.size());
  return BenchOutcome::done;
}

void Bench::warn(const std::string &id, const std::string &severity, const std::string &subject,
                 const std::string &text) {
  for (const record::Warning &w : meta_.warnings)
    if (w.id == id && w.subject == subject && w.text == text) return;
  meta_.warnings.push_back({id, severity, subject, text});
  if (severity != "info" || options_.verbose) {
    const std::string line = id + " " + subject + ": " + text;
    if (progress_)
      progress_->note(line);
    else
      fprintf(stderr, "%s\n", line.c_str());
  }
}

void Bench::describe_meta() {
  meta_.kind = "bench";
  meta_.sgperf_version = SGPERF_PROJECT_VERSION;
  meta_.command = options_.command;
  std::error_code ignored;
  meta_.working_directory = fs::current_path(ignored);
  meta_.started_realtime_ns = realtime_ns();
  meta_.anchors.push_back(clock_anchor());
  meta_.timer = ns_per_tick_ > 0 ? "tsc" : "clock";
  meta_.tsc_hz = ns_per_tick_ > 0 ? 1e9 / ns_per_tick_ : 0;
  meta_.seed = options_.seed;
  meta_.blocks = meta_.processes = options_.processes;
  meta_.iterations = options_.iterations;
  meta_.warmups = options_.warmups;
  meta_.timeout_s = options_.timeout_s;
  meta_.phases = phases_;
  meta_.machine = machine_fingerprint(cpu_before_);
  for (record::Warning &w : machine_warnings(meta_.machine, options_.pin)) warn(w.id, w.severity, w.subject, w.text);
  bool measures_known = false;
  for (const Engine &engine : cells_.engines) {
    record::EngineEntry e;
    e.id = engine.spec.id;
    e.name = engine.told.name.empty() ? engine.spec.engine : engine.told.name;
    e.tier = engine.told.tier.empty() ? engine.spec.tier : engine.told.tier;
    e.flags = engine.spec.flags;
    e.library = engine.told.library.empty() ? engine.spec.plugin : engine.told.library;
    e.build_id = engine.identity;
    e.version = engine.told.version;
    e.wasi = engine.told.wasi;
    e.details = engine.told.details;
    e.abi = engine.told.abi;
    e.capabilities = engine.told.capabilities;
    e.error = engine.problem;
    meta_.engines.push_back(std::move(e));
    if (!measures_known && !engine.told.measures.empty()) {
      for (const auto &m : engine.told.measures) meta_.measures.push_back({m.name, m.unit, m.available, m.reason});
      measures_known = true;
    }
    if (!engine.problem.empty()) warn("W103", "warning", engine.spec.id, "cannot be used: " + engine.problem);
  }
  for (const std::string &left : cells_.left_out) warn("W104", "info", "engines", "left out: " + left);
  for (const Workload &workload : cells_.workloads) {
    record::WorkloadEntry w;
    w.id = workload.id;
    w.path = workload.path;
    w.sha256 = workload.sha256;
    w.size = workload.size;
    w.invoke = workload.invoke;
    w.args = workload.invoke.empty() ? workload.args : workload.invoke_args;
    w.calls = workload.calls;
    meta_.workloads.push_back(std::move(w));
  }
  meta_.environment["page_cache"] = options_.drop_caches ? "dropped" : "warm";
  meta_.environment["pinned_cpu"] = options_.pin >= 0 ? std::to_string(options_.pin) : "no";
  meta_.environment["work_folder"] = fs::path(work_.path()).parent_path();
  for (char **entry = environ; *entry; ++entry) {
    const std::string text = *entry;
    for (const char *prefix : {"SGPERF_", "WASM", "RAYON_", "MALLOC_", "GLIBC_TUNABLES", "LD_"})
      if (text.compare(0, strlen(prefix), prefix) == 0)
        if (const size_t equals = text.find('='); equals != std::string::npos)
          meta_.environment[text.substr(0, equals)] = text.substr(equals + 1);
  }
}

bool Bench::save_meta(bool ended) {
  meta_.corrections = corrections_.summary();
  if (ended) meta_.ended_realtime_ns = realtime_ns();
  std::string error;
  if (record::write_meta(writer_.folder(), meta_, error)) return true;
  fprintf(stderr, "sgperf bench: %s\n", error.c_str());
  return false;
}

bool Bench::save_plan() {
  StoredPlan stored{options_, meta_.working_directory, {}, {}, prepared_ ? inner_ : decltype(inner_){}, prepared_};
  for (const Engine &engine : cells_.engines) stored.engine_identity[engine.spec.id] = engine.identity;
  for (const Workload &workload : cells_.workloads) stored.workload_identity[workload.id] = workload.sha256;
  std::string error;
  if (write_plan(writer_.folder(), stored, error)) return true;
  fprintf(stderr, "sgperf bench: %s\n", error.c_str());
  return false;
}

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
        plan->bound_compiles = !options_.iterations_given;
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

record::Sample Bench::row(const Slot &slot, const PhaseReading &phase, const Answer &answer, int pid,
                          uint32_t index) const {
  record::Sample sample;
  sample.engine = cells_.engines[slot.engine].spec.id;
  sample.workload = cells_.workloads[slot.workload].id;
  sample.block = slot.block;
  sample.position = slot.position;
  sample.process = static_cast<uint32_t>(pid);
  sample.process_index = index;
  sample.iteration = answer.iteration;
  sample.role = record::role_from_text(answer.role).value_or(record::Role::timed);
  sample.phase = phase.phase;
  sample.inner = phase.inner;
  sample.start_ns = phase.start_ns;
  sample.values = phase.values;
  sample.running = phase.running;
  sample.disturbed = answer.disturbed;
  sample.warnings = answer.warnings;
  if (phase.phase == "serialize" || phase.phase.compare(0, 4, "aot-") == 0)
    sample.artefact_bytes = answer.artefact_bytes;
  if (phase.phase == "compile" || phase.phase == "jit" || phase.phase == "aot-compile")
    sample.code_bytes = answer.code_bytes;
  return sample;
}

void Bench::note_sample(const record::Sample &sample) {
  if (sample.role == record::Role::calibration) {
    if (sample.phase == "empty-loop" || sample.phase == "execute") corrections_.add(sample);
    return;
  }
  if (sample.status != record::Status::ok || sample.role != record::Role::timed || sample.phase != "execute") return;
  for (uint32_t e = 0; e < cells_.engines.size(); ++e)
    for (uint32_t w = 0; w < cells_.workloads.size(); ++w)
      if (cells_.engines[e].spec.id == sample.engine && cells_.workloads[w].id == sample.workload)
        for (const char *measure : {"tsc_ticks", "wall_ns"})
          if (const auto value = sample.values.find(measure); value != sample.values.end())
            states_[e * cells_.workloads.size() + w]
                .region[std::string(measure) + (sample.inner > 1 ? " loop" : "")]
                .push_back(value->second);
}

void Bench::take(record::Sample sample) {
  corrections_.correct(sample);
  writer_.append(sample);
  note_sample(sample);
}

void Bench::error_row(const Slot &slot, uint32_t index, const WorkerResult *result, const std::string &status,
                      const std::string &phase, const std::string &message, const std::string &tail) {
  record::Sample sample;
  sample.engine = cells_.engines[slot.engine].spec.id;
  sample.workload = cells_.workloads[slot.workload].id;
  sample.block = slot.block;
  sample.position = slot.position;
  sample.process_index = index;
  if (result) sample.process = static_cast<uint32_t>(result->pid);
  if (result) sample.iteration = result->iteration;
  sample.role = sample.iteration == 0 ? record::Role::cold : record::Role::timed;
  // Stages that are no phases belong to the first or the last of them.
  sample.phase = phase == "invoke" || phase == "check" || phase == "execute" ? "execute"
                 : phase == "load" || phase == "create" || phase == "start"  ? "compile"
                 : phase == "free" || phase == "done"                        ? "call"
                                                                             : phase;
  sample.start_ns = monotonic_ns();
  sample.status = record::status_from_text(status).value_or(record::Status::engine_error);
  sample.message = message;
  sample.stderr_tail = tail;
  writer_.append(sample);
  any_failed_ = true;
  last_problem_ = status + ": " + message;
  CellState &state = cell(slot);
  ++state.failures;
  // What cannot change is not tried again; what may be chance gets a second try in the next block.
  const bool chance = sample.status == record::Status::crash || sample.status == record::Status::trap ||
                      sample.status == record::Status::engine_error;
  if (!chance || state.failures >= 2) state.dropped = true;
}

bool Bench::run_chain(const Slot &slot, const ChainPlan &chain, WorkerPlan plan, uint32_t index) {
  const Workload &workload = cells_.workloads[slot.workload];
  plan.chain = chain.chain;
  plan.compile_once = chain.compile_once;
  plan.iterations = options_.iterations;
  plan.warmups = options_.warmups;
  plan.measures = measures_;
  plan.ns_per_tick = ns_per_tick_;
  plan.drop_caches = options_.drop_caches;
  plan.bound_compiles = !options_.iterations_given;
  plan.time_limit_s = options_.iterations_given ? 0 : process_budget_s;
  plan.software_events = options_.software_events;
  if (chain.chain == Chain::invoke)
    if (const auto inner = inner_.find(workload.id); inner != inner_.end()) plan.inner = inner->second;
  bool told_error = false;
  Answer error;
  const WorkerResult result = run_worker(
      plan, worker_options(slot.padding, true),
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
                                ? "was ended by " + signal_name(result.signal)
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
    error_row(slot, 0, nullptr, "unsupported", "serialize",
              "none of the phases asked for exists here: " + engine.spec.id + " has no serialize and deserialize", "");
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

void Bench::final_warnings() {
  for (uint32_t e = 0; e < cells_.engines.size(); ++e)
    for (uint32_t w = 0; w < cells_.workloads.size(); ++w) {
      const CellState &state = states_[e * cells_.workloads.size() + w];
      const std::string subject = cells_.engines[e].spec.id + " x " + cells_.workloads[w].id;
      if (state.output_hash.empty() || !cells_.workloads[w].expected_stdout.empty()) {
      } else {
        for (uint32_t other = 0; other < e; ++other) {
          const CellState &reference = states_[other * cells_.workloads.size() + w];
          if (reference.output_hash.empty() || reference.output_hash == state.output_hash) continue;
          warn("W102", "warning", subject,
               "its stdout differs from that of " + cells_.engines[other].spec.id +
                   ", and there is no expected output to say which is right");
          break;
        }
      }
      for (const auto &[key, values] : state.region) {
        const bool loop = key.find(" loop") != std::string::npos;
        const std::string measure = key.substr(0, key.find(' '));
        const double cost = corrections_.median(cells_.engines[e].spec.id,
                                                loop ? "empty-loop " + cells_.workloads[w].id : "execute", measure);
        const double region = median_of(values);
        if (cost <= 0 || region <= 0 || cost / region <= 0.001 || measure == "wall_ns") continue;
        if (cells_.workloads[w].id == noop_name) continue; // nothing but the cost
        char text[160];
        snprintf(text, sizeof text, "%s costs %.1f %s, %.2f %% of the measured region: look at the corrected values",
                 loop ? "the empty loop" : "an empty region", cost, measure.c_str(), 100 * cost / region);
        warn("W101", "warning", subject, text);
      }
    }
}

BenchOutcome Bench::resume() {
  std::string error;
  const fs::path folder = fs::absolute(options_.output);
  auto stored = read_plan(folder, error);
  if (!stored) return usage(error);
  const BenchOptions now = options_;
  options_ = stored->options;
  options_.output = folder;
  options_.seed_given = true;
  options_.verbose = now.verbose;
  options_.json = now.json;
  options_.quiet = now.quiet;
  if (chdir(stored->working_directory.c_str()) != 0)
    return environment("cannot go to " + stored->working_directory + ", where the run began: " + strerror(errno));
  if (const BenchOutcome outcome = prepare(); outcome != BenchOutcome::done) return outcome;
  for (const Engine &engine : cells_.engines) {
    const auto was = stored->engine_identity.find(engine.spec.id);
    if (was != stored->engine_identity.end() && was->second != engine.identity)
      return usage("engine " + engine.spec.id + " is not the one the run began with (build " + was->second + ", now " +
                   engine.identity + "): a resumed run must not mix builds; start a new one");
  }
  for (const Workload &workload : cells_.workloads) {
    const auto was = stored->workload_identity.find(workload.id);
    if (was == stored->workload_identity.end() || was->second != workload.sha256)
      return usage("workload " + workload.id + " has changed since the run began; start a new one");
  }
  if (!writer_.reopen(
          folder, stored->prepared, [&](const record::Sample &sample) { note_sample(sample); }, error))
    return environment(error);
  inner_ = stored->inner;
  prepared_ = stored->prepared;
  describe_meta();
  if (const auto before = record::read_meta(folder, error)) {
    meta_.started_realtime_ns = before->started_realtime_ns;
    meta_.command = before->command;
    std::vector<std::map<std::string, uint64_t>> anchors = before->anchors;
    anchors.insert(anchors.end(), meta_.anchors.begin(), meta_.anchors.end());
    meta_.anchors = anchors;
    meta_.warnings.insert(meta_.warnings.begin(), before->warnings.begin(), before->warnings.end());
  }
  return BenchOutcome::done;
}

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
            cells_.workloads.size(), options_.processes, static_cast<unsigned long long>(options_.seed),
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

} // namespace

BenchOutcome run_bench(BenchOptions options, std::string &recording) {
  Bench bench(std::move(options));
  return bench.run(recording);
}

} // namespace sgperf::run
