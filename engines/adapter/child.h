// SPDX-License-Identifier: Apache-2.0
// A guest that is a process of its own: started with the guest's files and directory, and waited for.
#pragma once

#include "adapter/host.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sgperf::engine {

class Child {
public:
  // `path` is what is executed, `arguments` with argv[0].
  Child(const Host &host, std::string path, std::vector<std::string> arguments, std::vector<std::string> environment);
  ~Child();
  Child(const Child &) = delete;
  Child &operator=(const Child &) = delete;

  // Opens what the configuration names for stdin, stdout and stderr.  SGPERF_ENGINE_OK, or an error that was logged.
  int open();

  // From fork to the end, within CLOCK_MONOTONIC begin_ns() to end_ns().  The child dies with this process.
  // SGPERF_ENGINE_OK, whatever the child's end was, or ERROR (logged): it could not be started.
  int run();

  bool succeeded() const; // left with code 0
  // How it ended, as the status of execute(): OK, EXIT with *exit_code, or TRAP for a signal; logged.
  int finish(int *exit_code) const;
  uint64_t begin_ns() const { return begin_ns_; }
  uint64_t end_ns() const { return end_ns_; }

private:
  [[noreturn]] void become(int report);

  const Host &host_;
  std::string path_;
  std::vector<std::string> arguments_, environment_;
  std::vector<char *> argv_, envp_;
  int files_[3] = {-1, -1, -1};
  int status_ = 0; // of waitpid
  uint64_t begin_ns_ = 0, end_ns_ = 0;
};

// This process's environment without what is sgperf's own (SGPERF_*, LD_PRELOAD), then the guest's.
std::vector<std::string> child_environment(const Host &host);

} // namespace sgperf::engine
