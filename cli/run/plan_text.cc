// SPDX-License-Identifier: Apache-2.0
#include "run/plan_text.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace sgperf::run {
namespace {

using nlohmann::json;

std::string list(const std::vector<std::string> &names) {
  std::string text;
  for (const std::string &name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

} // namespace

void print_plan(const BenchOptions &options, const Cells &cells, const std::vector<Slot> &schedule,
                const std::vector<std::string> &phases, const std::vector<std::string> &measures) {
  if (options.json) {
    json engines = json::array(), workloads = json::array(), slots = json::array();
    for (const Engine &e : cells.engines) {
      json chains = json::array();
      for (const ChainPlan &c : chains_for(phases, e.told.capabilities, false)) chains.push_back(to_text(c.chain));
      engines.push_back(json{{"id", e.spec.id},
                             {"version", e.told.version},
                             {"library", e.told.library},
                             {"build_id", e.identity},
                             {"chains", chains},
                             {"eager", e.spec.eager},
                             {"iterations", e.spec.iterations ? e.spec.iterations : options.iterations},
                             {"processes", e.spec.processes ? e.spec.processes : options.processes},
                             {"problem", e.problem}});
    }
    for (const Workload &w : cells.workloads)
      workloads.push_back(json{{"id", w.id}, {"path", w.path}, {"sha256", w.sha256}, {"invoke", w.invoke}});
    for (const Slot &s : schedule)
      slots.push_back(json{{"block", s.block},
                           {"position", s.position},
                           {"engine", cells.engines[s.engine].spec.id},
                           {"workload", cells.workloads[s.workload].id},
                           {"padding", s.padding}});
    json left_out = json::array();
    for (const record::LeftOut &left : cells.left_out)
      left_out.push_back(json{{"engine", left.engine}, {"reason", left.reason}});
    const json plan{{"schema", 1},
                    {"seed", options.seed},
                    {"processes", options.processes},
                    {"iterations", options.iterations},
                    {"warmups", options.warmups},
                    {"phases", phases},
                    {"measures", measures},
                    {"engines", engines},
                    {"workloads", workloads},
                    {"left_out", left_out},
                    {"schedule", slots}};
    printf("%s\n", plan.dump(1, ' ', false, json::error_handler_t::replace).c_str());
    return;
  }
  printf("seed %llu, %u processes a cell (one a block), 1 cold + %u warm-up + %u timed iterations\n",
         static_cast<unsigned long long>(options.seed), options.processes, options.warmups, options.iterations);
  printf("phases: %s\nmeasures: %s\n", list(phases).c_str(), list(measures).c_str());
  for (const Engine &e : cells.engines) {
    std::string chains;
    for (const ChainPlan &c : chains_for(phases, e.told.capabilities, false))
      chains += std::string(chains.empty() ? "" : ", ") + to_text(c.chain);
    printf("engine %s: %s\n", e.spec.id.c_str(),
           e.problem.empty() ? (e.told.name + " " + e.told.version + ", chains " + chains).c_str()
                             : ("not usable: " + e.problem).c_str());
  }
  for (const record::LeftOut &left : cells.left_out)
    printf("left out: %s: %s\n", left.engine.c_str(), left.reason.c_str());
  for (const Workload &w : cells.workloads) printf("workload %s: %s\n", w.id.c_str(), w.path.c_str());
  for (const Slot &s : schedule)
    printf("block %u  %u  %s x %s\n", s.block, s.position, cells.engines[s.engine].spec.id.c_str(),
           cells.workloads[s.workload].id.c_str());
}

} // namespace sgperf::run
