// SPDX-License-Identifier: Apache-2.0
// What `sgperf bench` was asked to do, kept in the recording (plan.json) so that --resume does exactly the same.
#pragma once

#include "run/guest_options.h"
#include "run/wire.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::run {

struct BenchOptions {
  std::vector<std::string> engines, workloads;
  std::vector<std::string> suites;       // --suite: run after the workloads
  std::vector<std::string> engine_flags; // none, or one for each engine
  std::vector<std::string> names;        // none, or one for each engine
  std::string engine_flags_common, engine_abi;
  std::string timer; // "tsc", "clock", or empty: tsc where it is invariant
  uint32_t processes = 10, iterations = 10, warmups = 1;
  bool iterations_given = false;     // then exactly that many, however long they take
  std::vector<std::string> phases;   // empty = all
  std::vector<std::string> measures; // empty = all
  uint64_t seed = 0;
  double timeout_s = 600;
  int pin = -1;
  std::string invoke, working_dir;
  GuestOptions guest;
  bool small = false, drop_caches = false, scopes = false, calibrate = true;
  bool eager = false;           // all engines
  bool software_events = false; // tests: hardware events become software ones
  // not part of the plan
  std::string output = "sgperf.data";
  bool dry_run = false, verbose = false, json = false, resume = false, seed_given = false, quiet = false;
  std::vector<std::string> command; // argv
};

// Phase names and Sightglass's (compilation, instantiation, execution) to ours.  Empty in = all.
std::vector<std::string> expand_phases(const std::vector<std::string> &asked, std::string &error);

// One process of a unit.
struct ChainPlan {
  Chain chain = Chain::jit;
  bool compile_once = false;
  std::vector<std::string> phases; // that this process tells; others of its chain are left to its siblings
};
// The processes that one (cell, block) needs for these phases on an engine with these capabilities.
std::vector<ChainPlan> chains_for(const std::vector<std::string> &phases, uint32_t capabilities, bool invoke);

// plan.json: options and what they were resolved to.
struct StoredPlan {
  BenchOptions options;
  std::string working_directory;
  std::map<std::string, std::string> engine_identity, workload_identity; // id -> build id, sha256
  std::map<std::string, uint64_t> inner;                                 // workload id -> count
  bool prepared = false;                                                 // pilot and calibration are complete
};
bool write_plan(const std::filesystem::path &recording, const StoredPlan &plan, std::string &error);
std::optional<StoredPlan> read_plan(const std::filesystem::path &recording, std::string &error);

} // namespace sgperf::run
