// SPDX-License-Identifier: Apache-2.0
// The report of a recording, for commands that end with one.
#pragma once

#include <filesystem>

namespace sgperf::command {

// Prints it to stdout, as text or as what `sgperf report --format json` prints; returns an exit code.
int print_report(const std::filesystem::path &recording, bool json = false);

} // namespace sgperf::command
