// SPDX-License-Identifier: Apache-2.0
#include "run/wire.h"

#include <nlohmann/json.hpp>

namespace sgperf::run {
namespace {

using nlohmann::json;

// Guest output and engine messages may be any bytes.
std::string text(const json &object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

template <typename T> void get(const json &object, const char *key, T &value) {
  const auto found = object.find(key);
  if (found != object.end() && !found->is_null()) found->get_to(value);
}

const char *const stages[] = {"start",       "load",    "create", "compile", "serialize", "deserialize",
                              "instantiate", "execute", "invoke", "check",   "free",      "done"};
const char *const chains[] = {"jit", "aot", "run", "compile", "invoke"};
const char *const kinds[] = {"engine", "iteration", "error", "pilot", "loop", "done"};

} // namespace

const char *to_text(Stage stage) {
  const auto i = static_cast<uint32_t>(stage);
  return i < std::size(stages) ? stages[i] : "?";
}
const char *to_text(Chain chain) {
  return chains[static_cast<int>(chain)];
}
std::optional<Chain> chain_from_text(const std::string &name) {
  for (size_t i = 0; i < std::size(chains); ++i)
    if (name == chains[i]) return static_cast<Chain>(i);
  return std::nullopt;
}

std::string to_json(const WorkerPlan &p) {
  return text(json{{"task", p.task},
                   {"plugin", p.plugin},
                   {"abi", p.abi},
                   {"tier", p.tier},
                   {"library", p.library},
                   {"flags", p.flags},
                   {"cache_dir", p.cache_dir},
                   {"work_dir", p.work_dir},
                   {"module", p.module},
                   {"invoke", p.invoke},
                   {"invoke_args", p.invoke_args},
                   {"args", p.args},
                   {"env", p.env},
                   {"preopen", p.preopen},
                   {"preopen_writable", p.preopen_writable},
                   {"stdin", p.stdin_path},
                   {"expected_stdout", p.expected_stdout},
                   {"expected_stderr", p.expected_stderr},
                   {"chain", to_text(p.chain)},
                   {"iterations", p.iterations},
                   {"warmups", p.warmups},
                   {"measures", p.measures},
                   {"inner", p.inner},
                   {"own_loop", p.own_loop},
                   {"compile_once", p.compile_once},
                   {"ns_per_tick", p.ns_per_tick},
                   {"time_limit_s", p.time_limit_s},
                   {"bound_compiles", p.bound_compiles},
                   {"drop_caches", p.drop_caches},
                   {"software_events", p.software_events},
                   {"eager", p.eager}});
}

std::optional<WorkerPlan> plan_from_json(const std::string &input, std::string &error) {
  try {
    const json j = json::parse(input);
    WorkerPlan p;
    std::string chain;
    get(j, "task", p.task);
    get(j, "plugin", p.plugin);
    get(j, "abi", p.abi);
    get(j, "tier", p.tier);
    get(j, "library", p.library);
    get(j, "flags", p.flags);
    get(j, "cache_dir", p.cache_dir);
    get(j, "work_dir", p.work_dir);
    get(j, "module", p.module);
    get(j, "invoke", p.invoke);
    get(j, "invoke_args", p.invoke_args);
    get(j, "args", p.args);
    get(j, "env", p.env);
    get(j, "preopen", p.preopen);
    get(j, "preopen_writable", p.preopen_writable);
    get(j, "stdin", p.stdin_path);
    get(j, "expected_stdout", p.expected_stdout);
    get(j, "expected_stderr", p.expected_stderr);
    get(j, "chain", chain);
    get(j, "iterations", p.iterations);
    get(j, "warmups", p.warmups);
    get(j, "measures", p.measures);
    get(j, "inner", p.inner);
    get(j, "own_loop", p.own_loop);
    get(j, "compile_once", p.compile_once);
    get(j, "ns_per_tick", p.ns_per_tick);
    get(j, "time_limit_s", p.time_limit_s);
    get(j, "bound_compiles", p.bound_compiles);
    get(j, "drop_caches", p.drop_caches);
    get(j, "software_events", p.software_events);
    get(j, "eager", p.eager);
    const auto known = chain_from_text(chain);
    if (!known) {
      error = "plan: unknown chain '" + chain + "'";
      return std::nullopt;
    }
    p.chain = *known;
    return p;
  } catch (const json::exception &e) {
    error = std::string("plan: ") + e.what();
    return std::nullopt;
  }
}

std::string to_line(const Answer &a) {
  json j{{"k", kinds[static_cast<int>(a.kind)]}};
  switch (a.kind) {
  case Answer::Kind::engine: {
    json measures = json::array();
    for (const auto &m : a.measures) measures.push_back(json::array({m.name, m.unit, m.available, m.reason}));
    j.update(json{{"version", a.version},
                  {"library", a.library},
                  {"wasi", a.wasi},
                  {"tier", a.tier},
                  {"tiers", a.tiers},
                  {"details", a.details},
                  {"code_names", a.code_names},
                  {"name", a.name},
                  {"abi", a.abi},
                  {"caps", a.capabilities},
                  {"loops_itself", a.loops_itself},
                  {"measures", measures}});
    break;
  }
  case Answer::Kind::iteration:
  case Answer::Kind::loop: {
    json phases = json::array();
    for (const auto &p : a.phases) {
      json phase{{"p", p.phase}, {"s", p.start_ns}, {"n", p.inner}, {"v", p.values}};
      if (!p.running.empty()) phase["r"] = p.running;
      phases.push_back(std::move(phase));
    }
    j.update(json{{"i", a.iteration}, {"role", a.role}, {"phases", std::move(phases)}});
    if (!a.disturbed.empty()) j["d"] = a.disturbed;
    if (!a.warnings.empty()) j["w"] = a.warnings;
    if (a.artefact_bytes) j["artefact"] = a.artefact_bytes;
    if (a.code_bytes) j["code"] = a.code_bytes;
    if (a.lazy) j["lazy"] = a.lazy;
    if (!a.output_hash.empty()) j["out"] = a.output_hash;
    if (a.hooked) j["hooked"] = true;
    break;
  }
  case Answer::Kind::error:
    j.update(json{
        {"i", a.iteration}, {"status", a.status}, {"phase", a.phase}, {"message", a.message}, {"tail", a.output_tail}});
    break;
  case Answer::Kind::pilot:
    j.update(json{{"call_ns", a.call_ns}, {"hooked", a.hooked}});
    break;
  case Answer::Kind::done:
    break;
  }
  return text(j) + "\n";
}

std::optional<Answer> answer_from_line(const std::string &line) {
  const json j = json::parse(line, nullptr, false);
  if (!j.is_object()) return std::nullopt;
  try {
    Answer a;
    std::string kind;
    get(j, "k", kind);
    size_t i = 0;
    while (i < std::size(kinds) && kind != kinds[i]) ++i;
    if (i == std::size(kinds)) return std::nullopt;
    a.kind = static_cast<Answer::Kind>(i);
    get(j, "version", a.version);
    get(j, "library", a.library);
    get(j, "wasi", a.wasi);
    get(j, "tier", a.tier);
    get(j, "tiers", a.tiers);
    get(j, "details", a.details);
    get(j, "code_names", a.code_names);
    get(j, "name", a.name);
    get(j, "abi", a.abi);
    get(j, "caps", a.capabilities);
    get(j, "loops_itself", a.loops_itself);
    if (const auto found = j.find("measures"); found != j.end())
      for (const json &m : *found)
        a.measures.push_back(
            {m.at(0).get<std::string>(), m.at(1).get<std::string>(), m.at(3).get<std::string>(), m.at(2).get<bool>()});
    get(j, "i", a.iteration);
    get(j, "role", a.role);
    if (const auto found = j.find("phases"); found != j.end() && !found->is_array())
      return std::nullopt;
    else if (found != j.end())
      for (const json &entry : *found) {
        PhaseReading p;
        get(entry, "p", p.phase);
        get(entry, "s", p.start_ns);
        get(entry, "n", p.inner);
        get(entry, "v", p.values);
        get(entry, "r", p.running);
        a.phases.push_back(std::move(p));
      }
    get(j, "d", a.disturbed);
    get(j, "w", a.warnings);
    get(j, "artefact", a.artefact_bytes);
    get(j, "code", a.code_bytes);
    get(j, "lazy", a.lazy);
    get(j, "out", a.output_hash);
    get(j, "status", a.status);
    get(j, "phase", a.phase);
    get(j, "message", a.message);
    get(j, "tail", a.output_tail);
    get(j, "call_ns", a.call_ns);
    get(j, "hooked", a.hooked);
    return a;
  } catch (const json::exception &) {
    return std::nullopt;
  }
}

} // namespace sgperf::run
