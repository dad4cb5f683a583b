// SPDX-License-Identifier: Apache-2.0
#include "run/cells.h"

#include "run/bench_marks.h"
#include "run/digest.h"
#include "run/engine_catalogue.h"
#include "run/instrument.h"
#include "run/paths.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace sgperf::run {
namespace {

namespace fs = std::filesystem;

enum class Everything { no, default_tiers, all_tiers };

bool parse_all(const BenchOptions &options, std::vector<EngineSpec> &specs, Everything &everything,
               std::string &error) {
  everything = Everything::no;
  for (const std::string &text : options.engines) {
    if (text == "all" || text == "all:*") {
      everything = Everything::all_tiers;
      continue;
    }
    if (text == "all:default") {
      if (everything == Everything::no) everything = Everything::default_tiers;
      continue;
    }
    if (text.compare(0, 4, "all:") == 0 || text.compare(0, 4, "all,") == 0) {
      error = "engine '" + text + "': expected all (every tier of every engine), all:default or the name of an engine";
      return false;
    }
    EngineSpec spec;
    if (!parse_engine(text, spec, error)) return false;
    specs.push_back(std::move(spec));
  }
  const auto one_each = [&](const std::vector<std::string> &list, const char *option) {
    if (list.empty() || (everything == Everything::no && list.size() == specs.size())) return true;
    error = std::string(option) + " was given " + std::to_string(list.size()) + " times for " +
            std::to_string(specs.size()) + " engines; expected none or exactly one for each -e";
    return false;
  };
  for (const EngineSpec &spec : specs)
    if (spec.all_tiers() && !spec.name.empty()) {
      error = "engine '" + spec.given + "': one name for several cells; leave out name=, or name one tier";
      return false;
    }
  if (!one_each(options.engine_flags, "--engine-flags") || !one_each(options.names, "--name")) return false;
  for (size_t i = 0; i < specs.size(); ++i) {
    if (!options.engine_flags.empty())
      specs[i].flags +=
          (specs[i].flags.empty() || options.engine_flags[i].empty() ? "" : " ") + options.engine_flags[i];
    if (!options.names.empty()) specs[i].name = options.names[i];
  }
  return true;
}

std::string first_tier(const std::string &tiers) {
  return tiers.substr(0, tiers.find(','));
}

// A copy of the module's folder that the guest may write to: small regular files, no modules.
std::string private_copy(const std::string &folder, const std::string &work_dir) {
  const fs::path to = fs::path(work_dir) / "preopen";
  std::error_code error;
  fs::create_directory(to, error);
  for (const auto &entry : fs::directory_iterator(folder, error)) {
    std::error_code ignored;
    const std::string extension = entry.path().extension();
    if (!entry.is_regular_file(ignored) || entry.file_size(ignored) > (1u << 20) || extension == ".wasm" ||
        extension == ".so")
      continue;
    fs::copy_file(entry.path(), to / entry.path().filename(), ignored);
  }
  return to;
}

// Runtimes of others do not supply bench.start and bench.end: the module gets marks that ask for nothing but WASI.
// False: `problem` says why not.
bool supply_marks(WorkerPlan &plan, const std::string &work_dir, std::string &problem) {
  const auto marked = marked_module({"", plan.module}, 0, "/");
  if (!marked || !marked->imports) return true;
  const auto made = instrument_file(plan.module, formats::WasmMark::Call::write, problem);
  if (!made) return false;
  // In a folder of its own, under its own name: a guest may print that.
  const fs::path file = fs::path(work_dir) / "marked" / fs::path(plan.module).filename();
  std::error_code ignored;
  fs::create_directory(file.parent_path(), ignored);
  std::ofstream out(file, std::ios::binary);
  if (!out.write(made->bytes.data(), static_cast<std::streamsize>(made->bytes.size())).flush()) {
    problem = "cannot write " + file.string();
    return false;
  }
  plan.module = file;
  return true;
}

} // namespace

// What every worker of an engine is told, whatever its task.
static WorkerPlan engine_plan(const Engine &engine, const std::string &task, const std::string &work_dir) {
  WorkerPlan plan;
  plan.task = task;
  plan.plugin = engine.spec.plugin;
  plan.abi = engine.spec.abi;
  plan.tier = engine.spec.tier;
  plan.library = engine.spec.library;
  plan.flags = engine.spec.flags;
  plan.eager = engine.spec.eager;
  plan.cache_dir = paths().cache;
  plan.work_dir = work_dir;
  return plan;
}

void probe_engine(Engine &engine, const std::vector<std::string> &measures, double ns_per_tick, bool software,
                  WorkFolder &work) {
  if (engine.spec.plugin.empty()) {
    engine.status = "engine_missing";
    engine.problem = engine.spec.missing;
    return;
  }
  WorkerPlan plan = engine_plan(engine, "describe", work.fresh());
  plan.measures = measures;
  plan.ns_per_tick = ns_per_tick;
  plan.software_events = software;
  WorkerOptions how;
  how.timeout_s = 60;
  const WorkerResult result = run_worker(plan, how);
  engine.load_seconds = result.seconds;
  for (const Answer &answer : result.answers) {
    if (answer.kind == Answer::Kind::engine) engine.told = answer;
    if (answer.kind == Answer::Kind::error) {
      engine.status = answer.status;
      engine.problem = answer.message;
    }
  }
  if (engine.problem.empty() && !result.finished) {
    engine.status = "crash";
    engine.problem = !result.error.empty() ? result.error
                     : result.signal       ? "loading it ended the worker with " + signal_name(result.signal) + " in " +
                                           to_text(result.stage)
                                     : "the worker left in " + std::string(to_text(result.stage)) + " with code " +
                                           std::to_string(result.exit_code);
    if (result.timed_out) engine.status = "timeout", engine.problem = "loading it took more than 60 s";
    // Everything was told: it only cannot be unloaded cleanly.
    if (result.signal && result.stage == Stage::free) engine.status = engine.problem = "";
  }
  if (!engine.problem.empty() && !result.engine_output.empty() &&
      engine.problem.find(result.engine_output) == std::string::npos)
    engine.problem += "\n" + result.engine_output;
  engine.identity = file_identity(engine.told.library.empty() ? engine.spec.plugin : engine.told.library);
}

bool find_cells(const BenchOptions &options, const std::vector<std::string> &measures, double ns_per_tick,
                WorkFolder &work, Cells &cells, std::string &error) {
  std::vector<EngineSpec> specs;
  Everything everything = Everything::no;
  if (!parse_all(options, specs, everything, error)) return false;
  const auto add = [&](EngineSpec spec) -> const Engine & {
    Engine engine;
    if (!options.engine_flags_common.empty())
      spec.flags = options.engine_flags_common + (spec.flags.empty() ? "" : " " + spec.flags);
    if (spec.abi.empty()) spec.abi = options.engine_abi;
    spec.eager = spec.eager || options.eager;
    engine.spec = std::move(spec);
    probe_engine(engine, measures, ns_per_tick, options.software_events, work);
    cells.engines.push_back(std::move(engine));
    return cells.engines.back();
  };
  const auto leave_out = [&](const std::string &name) {
    cells.left_out.push_back({name, cells.engines.back().problem});
    cells.engines.pop_back();
  };
  // A tier may have a library of its own: one that cannot be used says nothing about the others.
  const auto add_tiers = [&](EngineSpec spec, bool all) {
    spec.tier.clear();
    const Engine &first = add(spec);
    const std::string tiers = first.told.tiers, in_force = first.told.tier;
    if (!first.problem.empty()) leave_out(tiers.empty() ? spec.engine : spec.engine + ":" + first_tier(tiers));
    if (!all) return;
    std::stringstream list(tiers);
    for (std::string tier; std::getline(list, tier, ',');) {
      if (tier == in_force || (in_force.empty() && tier == first_tier(tiers))) continue;
      spec.tier = tier;
      if (!add(spec).problem.empty()) leave_out(spec.engine + ":" + tier);
    }
  };
  for (EngineSpec &spec : specs)
    if (spec.all_tiers())
      add_tiers(std::move(spec), true);
    else
      add(std::move(spec));
  if (everything != Everything::no) {
    for (const auto &[name, plugin] : installed_plugins()) {
      if (name == "process" || name == "wasm-c-api") continue; // run what they are told
      EngineSpec spec;
      spec.given = spec.engine = name;
      spec.plugin = plugin;
      add_tiers(std::move(spec), everything == Everything::all_tiers);
    }
    for (const CatalogueEntry &entry : engine_catalogue())
      if (entry.name == std::string(entry.plugin) && find_plugin(entry.name).empty())
        cells.left_out.push_back({entry.name, how_to_get(entry.name)});
  }
  if (cells.engines.empty()) {
    error = "no engine to run; " + how_to_get("");
    return false;
  }
  std::vector<EngineSpec> named;
  std::vector<std::string> tiers;
  for (const Engine &engine : cells.engines) {
    named.push_back(engine.spec);
    tiers.push_back(engine.told.tier);
  }
  name_engines(named, tiers);
  for (size_t i = 0; i < named.size(); ++i) cells.engines[i].spec.id = named[i].id;
  for (const std::string &name : options.suites)
    if (!is_suite(name, error)) return false;
  std::vector<std::string> names = options.workloads;
  names.insert(names.end(), options.suites.begin(), options.suites.end());
  return resolve_workloads(names, {options.invoke, options.working_dir, options.guest}, cells.workloads, error);
}

std::optional<WorkerPlan> cell_plan(const BenchOptions &options, const Engine &engine, const Workload &workload,
                                    const std::string &work_dir, std::string &problem) {
  WorkerPlan plan = engine_plan(engine, "chain", work_dir);
  if (engine.told.capabilities & SGPERF_ENGINE_CAP_NATIVE) {
    plan.module = engine.spec.program.empty() ? workload.native_path : engine.spec.program;
    if (plan.module.empty()) {
      problem = "no native counterpart: expected " + fs::path(workload.path).replace_extension(".so").string();
      return std::nullopt;
    }
  } else {
    plan.module = workload.path;
    if (workload.is_native()) {
      problem = workload.path + " is a native object; engine " + engine.spec.id + " runs WebAssembly";
      return std::nullopt;
    }
  }
  if (!engine.spec.command.empty() && !supply_marks(plan, work_dir, problem)) return std::nullopt;
  plan.invoke = workload.invoke;
  plan.invoke_args = workload.invoke_args;
  plan.args.push_back(fs::path(workload.path).filename());
  plan.args.insert(plan.args.end(), workload.args.begin(), workload.args.end());
  if (options.small) plan.env.push_back("WASM_BENCH_USE_SMALL_WORKLOAD=1");
  plan.env.insert(plan.env.end(), options.guest.env.begin(), options.guest.env.end());
  plan.preopen = workload.writable && !workload.in_place ? private_copy(workload.preopen, work_dir) : workload.preopen;
  plan.preopen_writable = workload.writable || workload.in_place;
  plan.stdin_path = workload.stdin_path;
  plan.expected_stdout = workload.expected_stdout;
  plan.expected_stderr = workload.expected_stderr;
  return plan;
}

} // namespace sgperf::run
