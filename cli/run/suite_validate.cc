// SPDX-License-Identifier: Apache-2.0
#include "run/suite_validate.h"

#include "run/cells.h"
#include "run/signal_guard.h"
#include "run/workload_contents.h"

#include <algorithm>
#include <set>

namespace sgperf::run {
namespace {

// What can be seen without running it.  False: it cannot be run either.
bool look(const Workload &workload, Validation &out) {
  const auto problem = [&](const std::string &text) { out.problems.push_back(text); };
  std::string error;
  const auto contents = workload_contents(workload, error);
  if (!contents) return problem(error), false;
  for (const std::string &text : contents->damage) problem(text);
  const formats::WasmModule &module = contents->module;
  if (const auto start = module.exported_function("_start"); !start)
    problem("expected an exported function _start, found none");
  else if (*start < module.parameters.size() && !module.parameters[*start].empty())
    problem("expected _start without parameters, found " + std::to_string(module.parameters[*start].size()));
  std::set<std::string> foreign;
  for (const char *name : {"start", "end"})
    if (std::none_of(contents->imports.begin(), contents->imports.end(),
                     [&](const auto &one) { return one.kind == 0 && one.module == "bench" && one.name == name; }))
      problem(std::string("expected an import of the function bench.") + name + ", found none");
  for (const auto &one : contents->imports)
    if (one.module != "bench" && one.module != "wasi_snapshot_preview1")
      foreign.insert(one.module + "." + one.name);
    else if (one.module == "bench" && one.name != "start" && one.name != "end")
      foreign.insert("bench." + one.name);
  if (!foreign.empty()) {
    std::string list;
    for (const std::string &one : foreign) list.append(list.empty() ? "" : ", ").append(one);
    problem("expected imports of WASI preview 1 and the marks alone, found " + list);
  }
  return out.problems.empty();
}

void run_once(const Workload &workload, const Engine &engine, const ValidateOptions &options, WorkFolder &work,
              Validations &all, Validation &out) {
  BenchOptions bench;
  std::string problem;
  auto plan = cell_plan(bench, engine, workload, work.fresh(), problem);
  if (!plan) {
    out.problems.push_back(problem);
    return;
  }
  plan->chain = Chain::run;
  plan->measures = {"wall_ns"};
  WorkerOptions how;
  how.timeout_s = options.timeout_s;
  const WorkerResult result = run_worker(*plan, how);
  all.interrupted = all.interrupted || result.interrupted;
  bool hooked = false;
  for (const Answer &answer : result.answers) {
    if (answer.kind == Answer::Kind::error)
      out.problems.push_back(answer.message + (answer.output_tail.empty() ? "" : "\n" + answer.output_tail));
    if (answer.kind != Answer::Kind::iteration) continue;
    hooked = hooked || answer.hooked;
    for (const std::string &warning : answer.warnings)
      // The only warning that is about the module: the worker closes the region when the call returns.
      (warning.starts_with("bench.end missing") ? out.problems : out.remarks)
          .push_back(warning.starts_with("bench.end missing") ? "bench.start was called, and bench.end never"
                                                              : warning);
  }
  if (!result.error.empty()) out.problems.push_back(result.error);
  if (result.timed_out) out.problems.push_back("one run took more than the time it may take (--timeout)");
  if (out.problems.empty() && !result.finished)
    out.problems.push_back(result.signal ? "the worker was ended by " + signal_name(result.signal) + " in " +
                                               to_text(result.stage)
                                         : "the worker left in " + std::string(to_text(result.stage)));
  out.ran = out.problems.empty();
  if (out.ran && !hooked) out.problems.push_back("neither bench.start nor bench.end was called in a run of _start");
  if (out.ran && workload.expected_stdout.empty()) out.remarks.push_back("no expected output beside it");
}

} // namespace

Validations validate_workloads(const ValidateOptions &options) {
  Validations out;
  const SignalGuard guard;
  WorkFolder work(out.error);
  if (work.path().empty()) return out;
  out.error.clear();
  Engine engine;
  if (options.run) {
    std::string reasons;
    for (const std::string &name :
         options.engine.empty() ? std::vector<std::string>{"wasmtime", "wabt"} : std::vector{options.engine}) {
      engine = Engine();
      if (!parse_engine(name, engine.spec, out.error)) return out;
      probe_engine(engine, {"wall_ns"}, 0, false, work);
      engine.spec.id = name;
      if (engine.problem.empty() && engine.told.capabilities & SGPERF_ENGINE_CAP_NATIVE)
        engine.problem = "runs native objects, not WebAssembly";
      if (engine.problem.empty()) break;
      reasons.append(reasons.empty() ? "" : "; ").append(name + ": " + engine.problem);
    }
    if (!engine.problem.empty()) {
      out.error = "no engine to run modules with: " + reasons;
      out.no_engine = true;
      return out;
    }
    out.engine = engine.told.name + " " + engine.told.version;
  }
  std::set<std::string> seen;
  for (const std::string &name : options.workloads) {
    std::vector<Workload> workloads;
    std::string error;
    if (!resolve_workloads({name}, {}, workloads, error)) out.files.push_back({name, name, {error}, {}, false});
    for (const Workload &workload : workloads) {
      if (!seen.insert(workload.path).second || interrupted) continue;
      Validation one{workload.id, workload.path, {}, {}, false};
      if (look(workload, one) && options.run) run_once(workload, engine, options, work, out, one);
      out.files.push_back(std::move(one));
    }
  }
  out.interrupted = out.interrupted || interrupted;
  return out;
}

} // namespace sgperf::run
