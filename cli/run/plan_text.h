// SPDX-License-Identifier: Apache-2.0
// The plan of --dry-run, in text or JSON: what would be started, in which order.
#pragma once

#include "run/cells.h"
#include "run/schedule.h"

namespace sgperf::run {

void print_plan(const BenchOptions &options, const Cells &cells, const std::vector<Slot> &schedule,
                const std::vector<std::string> &phases, const std::vector<std::string> &measures);

} // namespace sgperf::run
