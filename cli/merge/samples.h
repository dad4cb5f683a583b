// SPDX-License-Identifier: Apache-2.0
// Bench samples -> cells.
#pragma once

#include "merge/model.h"

namespace sgperf::merge {

// Puts samples into their cells, one by one.
class CellBuilder {
public:
  explicit CellBuilder(Model &model);
  void add(record::Sample &&sample);
  // Orders engines, workloads and cells.
  void finish();

private:
  Model &model_;
  std::map<std::pair<std::string, std::string>, Cell> cells_; // workload, engine
  std::set<std::string> calibration_;
};

} // namespace sgperf::merge
