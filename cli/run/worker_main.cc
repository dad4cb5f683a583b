// SPDX-License-Identifier: Apache-2.0
// sgperf-worker: one engine, one workload, one chain, then gone.
//
// Started by `sgperf bench` with three descriptors (wire.h): the plan, the answer file, the state page.  A program of
// its own and not a subcommand: it links none of the command's readers and printers, and starts a quarter
// faster (2.9 against 3.9 ms, medians of 30 on a busy virtual machine with 2 CPUs).
#include "engines/sightglass/foreign.h"
#include "run/measures/clock.h"
#include "run/worker_chain.h"
#include "sgperf/sgperf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <memory>

namespace {

using namespace sgperf::run;

void tell(const Answer &answer) {
  const std::string line = to_line(answer);
  for (size_t at = 0; at < line.size();) {
    const ssize_t n = write(answer_fd, line.data() + at, line.size() - at);
    if (n <= 0) _exit(70); // nobody can be told anything any more
    at += static_cast<size_t>(n);
  }
}

int fail(const char *status, const char *phase, const std::string &message) {
  Answer answer;
  answer.kind = Answer::Kind::error;
  answer.status = status;
  answer.phase = phase;
  answer.message = message;
  tell(answer);
  return 1;
}

std::string read_plan() {
  std::string text;
  char buffer[65536];
  for (ssize_t n; (n = read(plan_fd, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<size_t>(n));
  close(plan_fd);
  return text;
}

// `created` may be NULL: then only what the table of functions says, so that other tiers can be tried.
void describe(const sgperf_engine &engine, void *created, const char *abi, const Meter &meter) {
  Answer answer;
  answer.kind = Answer::Kind::engine;
  answer.name = engine.name ? engine.name : "";
  answer.tiers = engine.tiers ? engine.tiers : "";
  answer.abi = abi;
  answer.capabilities = engine.capabilities;
  answer.loops_itself = loops_itself(engine);
  sgperf_engine_info info{};
  info.struct_size = sizeof info;
  if (created && engine.describe && engine.describe(created, &info) == SGPERF_ENGINE_OK) {
    const auto text = [](const char *s) { return std::string(s ? s : ""); };
    answer.version = text(info.engine_version);
    answer.library = text(info.library_path);
    answer.wasi = text(info.wasi);
    answer.tier = text(info.tier);
    answer.details = text(info.details);
    answer.code_names = text(info.code_names);
  }
  for (const MeasureState &m : meter.measures()) answer.measures.push_back({m.name, m.unit, m.reason, m.available});
  tell(answer);
}

std::vector<const char *> pointers(const std::vector<std::string> &list) {
  std::vector<const char *> out;
  for (const std::string &entry : list) out.push_back(entry.c_str());
  out.push_back(nullptr);
  return out;
}

int run_engine(const WorkerPlan &plan, const Meter &meter, WorkerState &state) {
  WorkerHost host(meter);
  std::string error;
  const auto stage = [&](Stage s) { state.stage.store(static_cast<uint32_t>(s), std::memory_order_relaxed); };
  stage(Stage::load);
  const auto plugin = sgperf::engines::load_plugin(plan.plugin, sgperf::engines::abi_from_text(plan.abi), error);
  if (!plugin) return fail("engine_missing", "load", error);
  const sgperf_engine &engine = *plugin->engine;

  const std::vector<const char *> args = pointers(plan.args), env = pointers(plan.env);
  const std::string out = plan.work_dir + "/stdout", err = plan.work_dir + "/stderr";
  const auto optional = [](const std::string &text) { return text.empty() ? nullptr : text.c_str(); };
  sgperf_engine_config config{};
  config.struct_size = sizeof config;
  host.install(config);
  config.tier = optional(plan.tier);
  config.library = optional(plan.library);
  config.flags = optional(plan.flags);
  config.cache_dir = plan.cache_dir.c_str();
  config.work_dir = plan.work_dir.c_str();
  config.preopen_dir = optional(plan.preopen);
  config.preopen_writable = plan.preopen_writable;
  config.stdin_path = optional(plan.stdin_path);
  config.stdout_path = out.c_str();
  config.stderr_path = err.c_str();
  config.args = args.data();
  config.env = env.data();
  config.eager = plan.eager ? 1 : 0;

  stage(Stage::create);
  void *created = nullptr;
  const int status = engine.create(&config, &created);
  if (status != SGPERF_ENGINE_OK) {
    std::string message = host.take_errors();
    if (message.empty())
      message = plan.plugin + ": create() failed with status " + std::to_string(status) + " and gave no reason";
    describe(engine, nullptr, sgperf::engines::to_text(plugin->abi), meter);
    return fail(status_text(status), "create", message);
  }
  describe(engine, created, sgperf::engines::to_text(plugin->abi), meter);
  bool ok = true;
  if (plan.task != "describe") {
    WorkerChain chain(plan, engine, created, host, state, tell);
    ok = plan.task == "pilot" ? chain.pilot() : chain.run();
  }
  if (ok) {
    Answer answer;
    answer.kind = Answer::Kind::done;
    tell(answer);
    // After a failure the engine's objects are in whatever state it left them: the kernel cleans up.
    stage(Stage::free);
    if (!(engine.capabilities & SGPERF_ENGINE_CAP_FREE_UNSAFE)) engine.free(created);
  }
  stage(Stage::done);
  return ok ? 0 : 1;
}

} // namespace

int main() {
  auto *state =
      static_cast<WorkerState *>(mmap(nullptr, sizeof(WorkerState), PROT_READ | PROT_WRITE, MAP_SHARED, state_fd, 0));
  if (state == MAP_FAILED) {
    fputs("sgperf-worker is started by `sgperf bench` and does nothing by itself\n", stderr);
    return 2;
  }
  close(state_fd);
  std::string error;
  const auto plan = plan_from_json(read_plan(), error);
  if (!plan) return fail("engine_error", "start", error);
  // "." of a native workload, as it is preopened for a module; no core files of what crashes here on purpose.
  if (!plan->preopen.empty() && chdir(plan->preopen.c_str()) != 0)
    return fail("engine_error", "start",
                "cannot go to the workload's folder " + plan->preopen + ": " + strerror(errno));
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  fcntl(answer_fd, F_SETFD, FD_CLOEXEC); // compilers that an engine starts
  // Counters are opened before the engine is loaded: they follow only threads that start later.
  const Meter meter(plan->measures, plan->ns_per_tick, plan->software_events);
  if (plan->task == "loop") {
    measure_empty_loop(meter, plan->inner, plan->own_loop, plan->iterations, plan->invoke_args.size(), 1, tell);
    Answer answer;
    answer.kind = Answer::Kind::done;
    tell(answer);
    return 0;
  }
  const int code = run_engine(*plan, meter, *state);
  fflush(nullptr);
  sgperf_detach(); // under --scopes: the session has an end, though exit handlers are not run
  _exit(code);     // no destructors of an engine's libraries: several crash in them
}
