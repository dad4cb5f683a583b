// SPDX-License-Identifier: Apache-2.0
// The subcommands of `sgperf suite`.
#pragma once

#include "command/commands.h"
#include "emit/module_report.h"

#include <string>
#include <vector>

namespace sgperf::command {

void add_suite_build(CLI::App &suite, Action &action);
void add_suite_validate(CLI::App &suite, Action &action);
void add_suite_describe(CLI::App &suite, Action &action);
void add_suite_pick(CLI::App &suite, Action &action);

// The modules that these names, paths and suites stand for, read.  What cannot be read is said on stderr for `command`
// and left out, and `code` is set; native objects are left out with a word.
std::vector<emit::DescribedModule> read_modules(const char *command, const std::vector<std::string> &names, int &code);

} // namespace sgperf::command
