// SPDX-License-Identifier: Apache-2.0
// The subcommands: each adds itself to the parser and, when chosen, sets what main() will run.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sgperf::command {

// Stable, documented in the man page.
enum Exit : int {
  exit_ok = 0,
  exit_regression = 1,   // gate, compare
  exit_usage = 2,        // bad arguments, unreadable input
  exit_failed = 3,       // a benchmark failed or its output is wrong
  exit_environment = 4,  // this machine or these privileges cannot do that
  exit_inconclusive = 5, // gate --strict
  exit_interrupted = 130 // Ctrl-C: what was measured is kept
};

// Set by the callback of the chosen subcommand; returns an exit code.
using Action = std::function<int()>;

// `guest`: the words behind --, which are not the command's; nullopt: there was no --.
void add_bench(CLI::App &app, Action &action, const std::optional<std::vector<std::string>> &guest);
void add_engines(CLI::App &app, Action &action);
void add_suite(CLI::App &app, Action &action);
void add_record(CLI::App &app, Action &action);
void add_report(CLI::App &app, Action &action);
void add_export(CLI::App &app, Action &action);
void add_import(CLI::App &app, Action &action);
void add_summarize(CLI::App &app, Action &action);
void add_instrument(CLI::App &app, Action &action);
void add_env(CLI::App &app, Action &action);
void add_top(CLI::App &app, Action &action);
void add_clean(CLI::App &app, Action &action);

} // namespace sgperf::command
