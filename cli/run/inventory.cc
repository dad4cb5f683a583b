// SPDX-License-Identifier: Apache-2.0
#include "run/inventory.h"

#include "run/cells.h"
#include "run/measures/tsc.h"
#include "run/paths.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace sgperf::run {
namespace {

using nlohmann::json;

std::vector<std::string> capability_names(uint32_t bits) {
  static constexpr std::pair<uint32_t, const char *> known[] = {{SGPERF_ENGINE_CAP_PARSE, "parse"},
                                                                {SGPERF_ENGINE_CAP_SERIALIZE, "serialize"},
                                                                {SGPERF_ENGINE_CAP_OWN_WASI, "own-wasi"},
                                                                {SGPERF_ENGINE_CAP_INVOKE, "invoke"},
                                                                {SGPERF_ENGINE_CAP_NATIVE, "native"},
                                                                {SGPERF_ENGINE_CAP_REEXECUTE, "reexecute"},
                                                                {SGPERF_ENGINE_CAP_FREE_UNSAFE, "free-unsafe"}};
  std::vector<std::string> names;
  for (const auto &[bit, name] : known)
    if (bits & bit) names.push_back(name);
  return names;
}

std::string joined(const std::vector<std::string> &names) {
  std::string text;
  for (const std::string &name : names) text.append(text.empty() ? "" : " ").append(name);
  return text.empty() ? "-" : text;
}

void print(const Engine &e) {
  printf("%s%s%s\n", e.spec.engine.c_str(), e.told.version.empty() ? "" : " ", e.told.version.c_str());
  if (!e.problem.empty()) printf("  not usable    %s\n", e.problem.c_str());
  if (e.spec.plugin.empty()) return;
  printf("  plug-in       %s\n", e.spec.plugin.c_str());
  if (!e.problem.empty()) return;
  printf("  library       %s\n", e.told.library.empty() ? "built in" : e.told.library.c_str());
  printf("  build id      %s\n", e.identity.c_str());
  printf("  abi           %s\n", e.told.abi.c_str());
  printf("  tiers         %s\n", e.told.tiers.empty() ? "-" : e.told.tiers.c_str());
  printf("  wasi          %s\n", e.told.wasi.empty() ? "-" : e.told.wasi.c_str());
  printf("  capabilities  %s\n", joined(capability_names(e.told.capabilities)).c_str());
  printf("  loads in      %.1f ms\n", e.load_seconds * 1e3);
  if (!e.told.details.empty()) printf("  details       %s\n", e.told.details.c_str());
}

json to_json(const Engine &e) {
  return json{{"engine", e.spec.engine},
              {"version", e.told.version},
              {"plugin", e.spec.plugin},
              {"library", e.told.library},
              {"build_id", e.identity},
              {"abi", e.told.abi},
              {"tiers", e.told.tiers},
              {"wasi", e.told.wasi},
              {"capabilities", capability_names(e.told.capabilities)},
              {"load_seconds", e.load_seconds},
              {"details", e.told.details},
              {"usable", e.problem.empty()},
              {"problem", e.problem}};
}

} // namespace

bool print_engines(const std::vector<std::string> &only, bool as_json) {
  std::string error;
  WorkFolder work(error);
  if (work.path().empty()) {
    fprintf(stderr, "sgperf engines: %s\n", error.c_str());
    return false;
  }
  std::vector<std::string> names = only;
  if (names.empty()) {
    for (const auto &[name, path] : installed_plugins()) names.push_back(name);
    for (const char *name : {"wasmtime", "wasm2c", "wabt", "native"})
      if (find_plugin(name).empty()) names.push_back(name);
  }
  json list = json::array();
  size_t usable = 0;
  for (const std::string &name : names) {
    Engine engine;
    if (!parse_engine(name, engine.spec, error)) {
      fprintf(stderr, "sgperf engines: %s\n", error.c_str());
      return false;
    }
    probe_engine(engine, {"wall_ns"}, 0, false, work);
    usable += engine.problem.empty();
    if (as_json)
      list.push_back(to_json(engine));
    else
      print(engine);
  }
  if (as_json)
    printf("%s\n", json{{"schema", 1}, {"engines", list}}.dump(1, ' ', false, json::error_handler_t::replace).c_str());
  return only.empty() ? usable > 0 : usable == names.size();
}

void print_suites(bool as_json) {
  const std::vector<std::string> workloads = available_workloads();
  const std::vector<Suite> suites = available_suites();
  if (as_json) {
    json list = json::array();
    for (const Suite &s : suites) list.push_back(json{{"name", s.name}, {"path", s.path}, {"entries", s.entries}});
    printf("%s\n", json{{"schema", 1}, {"suites", list}, {"workloads", workloads}}
                       .dump(1, ' ', false, json::error_handler_t::replace)
                       .c_str());
    return;
  }
  if (suites.empty() && workloads.empty()) {
    printf("no workloads in:");
    for (const auto &folder : paths().workload_folders) printf(" %s", folder.c_str());
    printf("\n");
    return;
  }
  for (const Suite &s : suites) printf("suite     %-16s %s\n", s.name.c_str(), joined(s.entries).c_str());
  for (const std::string &name : workloads) printf("workload  %s\n", name.c_str());
}

} // namespace sgperf::run
