// SPDX-License-Identifier: Apache-2.0
// The text report, for commands that end with one.
#pragma once

#include <filesystem>

namespace sgperf::command {

// Prints it to stdout; returns an exit code.
int print_report(const std::filesystem::path &recording);

} // namespace sgperf::command
