// SPDX-License-Identifier: Apache-2.0
// Starting one worker, watching it, and never leaving it behind.
#pragma once

#include "run/wire.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace sgperf::run {

// Set by the handler of SIGINT and SIGTERM that bench installs.
extern std::atomic<int> interrupted;

struct WorkerOptions {
  double timeout_s = 600;       // without a new line of the answer
  int pin = -1;                 // CPU
  size_t padding = 0;           // bytes of environment, so that stack addresses differ between processes
  std::vector<std::string> env; // "NAME=value", added
};

struct WorkerResult {
  int pid = 0;
  bool finished = false; // said `done`
  bool timed_out = false, interrupted = false;
  int signal = 0, exit_code = 0;
  Stage stage = Stage::start;
  uint32_t iteration = 0;
  std::vector<Answer> answers;
  std::string engine_output; // what the engine printed to stdout and stderr, the tail
  std::string error;         // could not be started
  double seconds = 0;        // from fork to reaped
};

// `on_answer` is called as lines are found, while the worker runs; `tick` about ten times a second.
WorkerResult run_worker(const WorkerPlan &plan, const WorkerOptions &options,
                        const std::function<void(const Answer &, int pid)> &on_answer = {},
                        const std::function<void()> &tick = {});

// "SIGSEGV (segmentation fault)".
std::string signal_name(int signal);

// Private scratch folder of this run, one subfolder a worker; gone at the end of its scope.  Folders of runs that were
// killed are removed at the next start.
class WorkFolder {
public:
  explicit WorkFolder(std::string &error);
  ~WorkFolder();
  WorkFolder(const WorkFolder &) = delete;
  WorkFolder &operator=(const WorkFolder &) = delete;
  const std::string &path() const { return path_; }
  std::string fresh(); // an empty folder for the next worker; the one before is removed

private:
  std::string path_, last_;
  unsigned count_ = 0;
};

} // namespace sgperf::run
