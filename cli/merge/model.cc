// SPDX-License-Identifier: Apache-2.0
#include "merge/model.h"

#include <algorithm>

namespace sgperf::merge {

const Cell *Model::cell(const std::string &workload, const std::string &engine) const {
  for (const Cell &cell : cells)
    if (cell.workload == workload && cell.engine == engine) return &cell;
  return nullptr;
}

const record::WorkloadEntry *Model::workload(const std::string &id) const {
  for (const auto &entry : meta.workloads)
    if (entry.id == id) return &entry;
  return nullptr;
}

const record::EngineEntry *Model::engine(const std::string &id) const {
  for (const auto &entry : meta.engines)
    if (entry.id == id) return &entry;
  return nullptr;
}

const std::vector<std::string> &phase_order() {
  static const std::vector<std::string> order{"parse",       "parse+compile", "compile",  "serialize", "deserialize",
                                              "instantiate", "first-call",    "execute",  "call",      "jit",
                                              "aot-compile", "aot-execute",   "aot-total"};
  return order;
}

int phase_rank(const std::string &phase) {
  const auto &order = phase_order();
  return static_cast<int>(std::find(order.begin(), order.end(), phase) - order.begin());
}

} // namespace sgperf::merge
