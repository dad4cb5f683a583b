// SPDX-License-Identifier: Apache-2.0
// A table with workloads down and engines across.
#pragma once

#include "emit/text_table.h"
#include "merge/model.h"

#include <functional>
#include <string>
#include <vector>

namespace sgperf::emit {

using CellText = std::function<std::string(const std::string &workload, const std::string &engine)>;

// More engines than fit into a line go below.
std::string matrix(const merge::Model &model, const std::vector<std::string> &engines, const CellText &cell,
                   const TextStyle &style);

} // namespace sgperf::emit
