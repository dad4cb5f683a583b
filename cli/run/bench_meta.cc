// SPDX-License-Identifier: Apache-2.0
#include "run/bench.h"

#include "run/measures/clock.h"

#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace sgperf::run {

namespace fs = std::filesystem;

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
  for (const Slot &slot : schedule_) meta_.blocks = std::max(meta_.blocks, slot.block);
  meta_.processes = options_.processes;
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
    e.eager = engine.spec.eager;
    e.iterations = engine.spec.iterations;
    e.processes = engine.spec.processes;
    meta_.engines.push_back(std::move(e));
    if (!measures_known && !engine.told.measures.empty()) {
      for (const auto &m : engine.told.measures) meta_.measures.push_back({m.name, m.unit, m.available, m.reason});
      measures_known = true;
    }
    if (!engine.spec.command.empty())
      warn("W110", "info", engine.spec.id,
           "each run is a process: its phases cannot be told apart, and `call` is all of it, from fork to its end");
    if (!engine.problem.empty()) warn("W103", "warning", engine.spec.id, "cannot be used: " + engine.problem);
  }
  meta_.left_out = cells_.left_out;
  for (const record::LeftOut &left : cells_.left_out) warn("W104", "info", left.engine, "left out: " + left.reason);
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

} // namespace sgperf::run
