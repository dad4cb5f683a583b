// SPDX-License-Identifier: Apache-2.0
#include "run/inventory.h"

#include "run/paths.h"
#include "run/workload.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace sgperf::run {
namespace {

using nlohmann::json;

std::string joined(const std::vector<std::string> &names) {
  std::string text;
  for (const std::string &name : names) text.append(text.empty() ? "" : " ").append(name);
  return text.empty() ? "-" : text;
}

} // namespace

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
