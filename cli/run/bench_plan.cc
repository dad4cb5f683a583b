// SPDX-License-Identifier: Apache-2.0
#include "run/bench_plan.h"

#include "run/output_check.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

namespace sgperf::run {
namespace {

using nlohmann::json;

const std::vector<std::string> all_phases = {"parse",       "compile",     "serialize",   "deserialize",
                                             "instantiate", "first-call",  "execute",     "call",
                                             "jit",         "aot-compile", "aot-execute", "aot-total"};

json options_json(const BenchOptions &o) {
  return json{{"engines", o.engines},
              {"workloads", o.workloads},
              {"suites", o.suites},
              {"engine_flags", o.engine_flags},
              {"names", o.names},
              {"engine_flags_common", o.engine_flags_common},
              {"engine_abi", o.engine_abi},
              {"processes", o.processes},
              {"iterations", o.iterations},
              {"iterations_given", o.iterations_given},
              {"warmups", o.warmups},
              {"phases", o.phases},
              {"measures", o.measures},
              {"seed", o.seed},
              {"timeout_s", o.timeout_s},
              {"pin", o.pin},
              {"timer", o.timer},
              {"invoke", o.invoke},
              {"working_dir", o.working_dir},
              {"guest_args", o.guest.args},
              {"guest_args_given", o.guest.args_given},
              {"guest_env", o.guest.env},
              {"guest_stdin", o.guest.stdin_path},
              {"guest_writable", o.guest.writable},
              {"small", o.small},
              {"eager", o.eager},
              {"drop_caches", o.drop_caches},
              {"scopes", o.scopes},
              {"calibrate", o.calibrate},
              {"software_events", o.software_events},
              {"command", o.command}};
}

BenchOptions options_from(const json &j) {
  BenchOptions o;
  j.at("engines").get_to(o.engines);
  j.at("workloads").get_to(o.workloads);
  o.suites = j.value("suites", std::vector<std::string>{});
  j.at("engine_flags").get_to(o.engine_flags);
  j.at("names").get_to(o.names);
  j.at("engine_flags_common").get_to(o.engine_flags_common);
  j.at("engine_abi").get_to(o.engine_abi);
  j.at("processes").get_to(o.processes);
  j.at("iterations").get_to(o.iterations);
  j.at("iterations_given").get_to(o.iterations_given);
  j.at("warmups").get_to(o.warmups);
  j.at("phases").get_to(o.phases);
  j.at("measures").get_to(o.measures);
  j.at("seed").get_to(o.seed);
  j.at("timeout_s").get_to(o.timeout_s);
  j.at("pin").get_to(o.pin);
  o.timer = j.value("timer", "");
  j.at("invoke").get_to(o.invoke);
  j.at("working_dir").get_to(o.working_dir);
  o.guest.args = j.value("guest_args", std::vector<std::string>());
  o.guest.args_given = j.value("guest_args_given", false);
  o.guest.env = j.value("guest_env", std::vector<std::string>());
  o.guest.stdin_path = j.value("guest_stdin", "");
  o.guest.writable = j.value("guest_writable", false);
  j.at("small").get_to(o.small);
  o.eager = j.value("eager", false);
  j.at("drop_caches").get_to(o.drop_caches);
  j.at("scopes").get_to(o.scopes);
  j.at("calibrate").get_to(o.calibrate);
  j.at("software_events").get_to(o.software_events);
  j.at("command").get_to(o.command);
  return o;
}

} // namespace

std::vector<std::string> expand_phases(const std::vector<std::string> &asked, std::string &error) {
  static const std::map<std::string, std::vector<std::string>> groups = {
      {"all", all_phases},
      {"compile", {"parse", "compile"}}, // where an engine has no parse of its own it is in compile
      {"compilation", {"parse", "compile"}},
      {"instantiation", {"instantiate"}},
      {"execution", {"first-call", "execute", "call"}},
      {"execute", {"first-call", "execute", "call"}}, // always stored with it
      {"aot", {"serialize", "deserialize", "aot-compile", "aot-execute", "aot-total"}}};
  if (asked.empty()) return all_phases;
  std::vector<std::string> chosen, ordered;
  for (const std::string &entry : asked)
    for (size_t at = 0; at <= entry.size();) {
      const size_t comma = std::min(entry.find(',', at), entry.size());
      const std::string name = entry.substr(at, comma - at);
      at = comma + 1;
      const auto group = groups.find(name);
      if (group != groups.end())
        chosen.insert(chosen.end(), group->second.begin(), group->second.end());
      else if (std::find(all_phases.begin(), all_phases.end(), name) != all_phases.end())
        chosen.push_back(name);
      else {
        error = "unknown phase '" + name + "'; known: all aot";
        for (const std::string &known : all_phases) error += " " + known;
        return {};
      }
    }
  for (const std::string &name : all_phases)
    if (std::find(chosen.begin(), chosen.end(), name) != chosen.end()) ordered.push_back(name);
  return ordered;
}

std::vector<ChainPlan> chains_for(const std::vector<std::string> &phases, uint32_t capabilities, bool invoke) {
  const auto among = [&](std::initializer_list<const char *> names) {
    std::vector<std::string> found;
    for (const char *name : names)
      if (std::find(phases.begin(), phases.end(), name) != phases.end()) found.push_back(name);
    return found;
  };
  std::vector<ChainPlan> chains;
  if (capabilities & SGPERF_ENGINE_CAP_ONLY_CALL) {
    if (!among({"call"}).empty()) chains.push_back({Chain::run, false, {"call"}});
    return chains;
  }
  const auto run = among({"parse", "compile", "instantiate", "first-call", "execute", "call", "jit"});
  const bool compiles = !among({"parse", "compile", "jit"}).empty();
  if (!run.empty()) {
    ChainPlan c;
    c.phases = run;
    if (invoke)
      c.chain = Chain::invoke, c.compile_once = !compiles && among({"instantiate"}).empty();
    else if (!compiles)
      c.chain = Chain::run;
    else if (among({"instantiate", "first-call", "execute", "call", "jit"}).empty())
      c.chain = Chain::compile;
    else
      c.chain = Chain::jit;
    chains.push_back(std::move(c));
  }
  const auto aot = among({"serialize", "deserialize", "aot-compile", "aot-execute", "aot-total"});
  if (!aot.empty() && capabilities & SGPERF_ENGINE_CAP_SERIALIZE && !(capabilities & SGPERF_ENGINE_CAP_NATIVE))
    chains.push_back({Chain::aot, false, aot});
  return chains;
}

bool write_plan(const std::filesystem::path &recording, const StoredPlan &plan, std::string &error) {
  const json j{{"schema", 1},
               {"options", options_json(plan.options)},
               {"working_directory", plan.working_directory},
               {"engine_identity", plan.engine_identity},
               {"workload_identity", plan.workload_identity},
               {"inner", plan.inner},
               {"prepared", plan.prepared}};
  const std::filesystem::path file = recording / "plan.json", fresh = recording / "plan.json.new";
  std::error_code failed;
  {
    std::ofstream out(fresh);
    out << j.dump(1, ' ', false, json::error_handler_t::replace) << "\n";
    if (!out.flush()) {
      error = "cannot write " + fresh.string();
      return false;
    }
  }
  std::filesystem::rename(fresh, file, failed);
  if (failed) error = "cannot write " + file.string() + ": " + failed.message();
  return !failed;
}

std::optional<StoredPlan> read_plan(const std::filesystem::path &recording, std::string &error) {
  const std::filesystem::path file = recording / "plan.json";
  const std::string text = read_whole(file);
  if (text.empty()) {
    error = "nothing to resume: " + file.string() + " is missing or empty";
    return std::nullopt;
  }
  try {
    const json j = json::parse(text);
    if (j.at("schema").get<int>() != 1) {
      error = file.string() + " was written by a newer sgperf";
      return std::nullopt;
    }
    StoredPlan plan;
    plan.options = options_from(j.at("options"));
    j.at("working_directory").get_to(plan.working_directory);
    j.at("engine_identity").get_to(plan.engine_identity);
    j.at("workload_identity").get_to(plan.workload_identity);
    j.at("inner").get_to(plan.inner);
    j.at("prepared").get_to(plan.prepared);
    return plan;
  } catch (const json::exception &e) {
    error = file.string() + " is damaged: " + e.what();
    return std::nullopt;
  }
}

} // namespace sgperf::run
