// SPDX-License-Identifier: Apache-2.0
// A tool that is run to its end: compilers, scripts, docker.  Its output is kept, its input is empty.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::run {

struct ChildOptions {
  std::filesystem::path cwd;    // empty: where we are
  std::vector<std::string> env; // "NAME=value", on top of our own
  double timeout_s = 0;         // then its process group is killed; 0 = as long as it takes
  // Both streams as they come, in pieces of any size.
  std::function<void(std::string_view)> on_output;
  std::function<void()> tick; // about ten times a second
};

struct ChildResult {
  std::string error; // could not be started: why
  int exit_code = -1, signal = 0;
  bool timed_out = false, interrupted = false; // by SIGINT or SIGTERM to us (signal_guard.h)
  std::string out;                             // of stdout
  std::string log;                             // both streams, in the order in which they came; the last 1 MiB
  double seconds = 0;
  bool ok() const { return error.empty() && exit_code == 0; }
};

// Our environment with these in place of variables of the same names, or behind them.
std::vector<std::string> environment_with(const std::vector<std::string> &added);

// A process group of its own, so that all it starts ends with it when it has to be killed; dies with us.
ChildResult run_child(const std::vector<std::string> &command, const ChildOptions &options = {});

// How it ended, if it did not end well: "exit code 2", "SIGSEGV (..)", "more than 60 s", "cannot be started: ..".
std::string failure_of(const ChildResult &result, const ChildOptions &options);

} // namespace sgperf::run
