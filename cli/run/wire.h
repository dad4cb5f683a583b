// SPDX-License-Identifier: Apache-2.0
// What the command and a worker say to each other: one JSON object in, JSON lines out, and a page that survives a
// crash.
//
// The answer goes into an unlinked file that both hold open, not into a pipe: writing never blocks and never wakes the
// command up on the CPU that is being measured, and what was written before a crash is all there.
#pragma once

#include "sgperf/engine.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::run {

// Inherited descriptors of a worker.
inline constexpr int plan_fd = 3, answer_fd = 4, state_fd = 5;

// One file mapped by both sides: where the worker is, if it dies there.
struct WorkerState {
  std::atomic<uint32_t> stage; // Stage
  std::atomic<uint32_t> iteration;
};
enum class Stage : uint32_t {
  start,
  load,
  create,
  compile,
  serialize,
  deserialize,
  instantiate,
  execute,
  invoke,
  check,
  free,
  done
};
const char *to_text(Stage stage);

enum class Chain {
  jit,     // compile, instantiate, execute in every iteration
  aot,     // compile, serialize, deserialize, instantiate, execute in every iteration
  run,     // compile once; instantiate, execute in every iteration
  compile, // compile in every iteration, nothing else
  invoke,  // compile, instantiate, one call, then the inner loop of an exported function
};
const char *to_text(Chain chain);
std::optional<Chain> chain_from_text(const std::string &text);

struct WorkerPlan {
  std::string task; // "describe", "pilot", "loop", "chain"
  std::string plugin, abi, tier, library, flags;
  std::string cache_dir, work_dir;
  std::string module, invoke;           // invoke: exported function, empty = _start
  std::vector<std::string> invoke_args; // numbers as text; their types come from the module's own
  std::vector<std::string> args, env;
  std::string preopen, stdin_path;
  bool preopen_writable = false;
  std::string expected_stdout, expected_stderr; // paths, empty = not checked
  Chain chain = Chain::jit;
  uint32_t iterations = 0, warmups = 0;
  std::vector<std::string> measures;
  uint64_t inner = 1;
  bool own_loop = false;     // loop: that of an engine with invoke_many()
  bool compile_once = false; // invoke: one module and one instance for all iterations
  double ns_per_tick = 0;
  double time_limit_s = 0;     // no further iteration after this, but at least three timed ones; 0 = none
  bool bound_compiles = false; // a slow compile (> 100 ms cold) is repeated only until there are two timed ones
  bool drop_caches = false;
  bool software_events = false;
  bool eager = false; // compile() must leave nothing for a first call
};
std::string to_json(const WorkerPlan &plan);
std::optional<WorkerPlan> plan_from_json(const std::string &text, std::string &error);

struct PhaseReading {
  std::string phase;
  uint64_t start_ns = 0, inner = 1;
  std::map<std::string, double> values, running;
};

// One line of the answer.
struct Answer {
  enum class Kind { engine, iteration, error, pilot, loop, done } kind = Kind::done;
  // engine
  std::string version, library, wasi, tier, tiers, details, name, abi, code_names;
  uint32_t capabilities = 0;
  bool loops_itself = false; // it has invoke_many()
  struct MeasureLine {
    std::string name, unit, reason;
    bool available = false;
  };
  std::vector<MeasureLine> measures;
  // iteration
  uint32_t iteration = 0;
  std::string role;
  std::vector<PhaseReading> phases; // loop: the empty loop
  std::map<std::string, double> disturbed;
  std::vector<std::string> warnings;
  uint64_t artefact_bytes = 0, code_bytes = 0;
  uint32_t lazy = 0; // of the module: sgperf_module_info.lazy
  std::string output_hash;
  // error
  std::string status, phase, message, output_tail;
  // pilot
  double call_ns = 0;
  bool hooked = false; // the guest called bench.start; an exported function that does is never looped
};
std::string to_line(const Answer &answer);
std::optional<Answer> answer_from_line(const std::string &line);

} // namespace sgperf::run
