// SPDX-License-Identifier: Apache-2.0
// What there is to run: `sgperf engines`, `sgperf suite`.
#pragma once

#include <string>
#include <vector>

namespace sgperf::run {

// Loads every engine once in a worker.  False when one that was named, or all of them, cannot be used.
bool print_engines(const std::vector<std::string> &only, bool json);
void print_suites(bool json);

} // namespace sgperf::run
