// SPDX-License-Identifier: Apache-2.0
// `sgperf engines`: what can be measured here, what one command would add, and what nobody can have.
#pragma once

#include <string>
#include <vector>

namespace sgperf::run {

// Loads every engine in a worker, once for each tier.  `only`: names or paths; empty: all that are known.  False when
// one that was named, or all of them, cannot be used.
bool print_engines(const std::vector<std::string> &only, bool json);

} // namespace sgperf::run
