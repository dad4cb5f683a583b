// SPDX-License-Identifier: Apache-2.0
// `sgperf bench`: plan -> workers -> recording.
#pragma once

#include "run/bench_plan.h"

#include <string>

namespace sgperf::run {

enum class BenchOutcome { done, failed_cells, usage, environment, interrupted };

// Prints problems and progress to stderr, the plan of --dry-run to stdout.  `recording` is set when there is one to
// report.
BenchOutcome run_bench(BenchOptions options, std::string &recording);

} // namespace sgperf::run
