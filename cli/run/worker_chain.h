// SPDX-License-Identifier: Apache-2.0
// The chains of a worker: which engine calls make one iteration, and what is read off their boundaries.
#pragma once

#include "run/disturbance.h"
#include "run/output_check.h"
#include "run/wire.h"
#include "run/worker_host.h"
#include "sgperf/engine.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace sgperf::run {

// The status of a row for what an engine returned; of SGPERF_ENGINE_OK it is not asked.
const char *status_text(int status);

// What stops a chain; becomes an error line.
struct ChainError {
  std::string status, phase, message;
};

class WorkerChain {
public:
  WorkerChain(const WorkerPlan &plan, const sgperf_engine &engine, void *instance_of_engine, WorkerHost &host,
              WorkerState &state, std::function<void(const Answer &)> tell);
  ~WorkerChain();

  // False: an error line was told.
  bool run();
  bool pilot();

private:
  bool load_module();
  void iteration(uint32_t number, const char *role);
  void compile();
  void serialize();
  void deserialize();
  void instantiate();
  void execute();
  void invoke(Answer &answer);
  int call(uint64_t times); // of function_; by the engine's own loop where it has one
  void resolve();           // and reads the arguments by the export's own types
  void free_objects();
  void check_hooks(Answer &answer);
  void check_output();
  void collect(Answer &answer);
  void collect_total(Answer &answer, const char *name, const Boundary &begin, uint64_t begin_ns, const Boundary &end);
  void expect(int status, const char *phase);
  void stage(Stage s) { state_.stage.store(static_cast<uint32_t>(s), std::memory_order_relaxed); }

  const WorkerPlan &plan_;
  const sgperf_engine &engine_;
  void *const created_;
  WorkerHost &host_;
  WorkerState &state_;
  std::function<void(const Answer &)> tell_;
  Disturbance disturbance_;
  OutputCheck stdout_, stderr_;

  const uint8_t *wasm_ = nullptr;
  size_t wasm_size_ = 0;
  void *module_ = nullptr, *loaded_ = nullptr, *instance_ = nullptr, *function_ = nullptr;
  std::vector<sgperf_value> arguments_, results_;
  std::string artefact_;
  // of the current iteration
  Boundary region_begin_, region_end_; // execute
  Boundary loop_begin_, loop_end_;
  uint64_t loop_begin_ns_ = 0;
  bool have_execute_ = false, looped_ = false;
  bool reused_ = false;       // the module is that of the iteration before: no compile, no total that begins with it
  bool slow_compile_ = false; // more than 100 ms in the cold iteration
  int exit_code_ = 0;
};

// The engine has invoke_many(): the inner loop is its own.
bool loops_itself(const sgperf_engine &engine);

// The inner loop around a function that does nothing, at the same count: what the loop itself costs.  With `own_loop`
// the loop of an engine that has one: a count and nothing else, 0.25 to 0.5 ns.
void measure_empty_loop(const Meter &meter, uint64_t inner, bool own_loop, uint32_t readings, size_t params,
                        size_t results, const std::function<void(const Answer &)> &tell);

} // namespace sgperf::run
