// SPDX-License-Identifier: Apache-2.0
// Runs a program as it is: same standard streams, same process group, signals passed on.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace sgperf::run {

struct TargetOptions {
  std::vector<std::string> env; // "NAME=value", on top of our own environment
  // In the parent, while the child waits in front of its exec: what is armed for it now sees its first instruction.
  std::function<void(pid_t)> prepare;
  std::function<void(pid_t)> started; // in the parent, once the program runs
  // In the parent, once the program runs: does something until `ended` (a pidfd) can be read.
  std::function<void(int ended)> attend;
};

struct TargetResult {
  bool started = false;
  std::string error; // not started: why, and what to do
  int exit_code = 0; // the program's; 128 + signal if a signal ended it; 126 / 127 if it could not be started
  int signal = 0;
  double wall_ns = 0; // fork to the end
};

// Signals that a terminal sends reach the program by themselves (same process group); those that were sent to us alone
// are passed on.  We do not end before the program does.
TargetResult run_target(const std::vector<std::string> &command, const TargetOptions &options);

// The words with which a process was started; empty if it is gone.
std::vector<std::string> command_line(pid_t pid);

} // namespace sgperf::run
