// SPDX-License-Identifier: Apache-2.0
// Code images of processes that have nothing of ours inside: found in their memory, looked for again and again, copied
// into code files as the preloaded library would have written them.
#pragma once

#include "record/code_file.h"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace sgperf::run {

class MemoryImages {
public:
  // Looks through these processes if it is time: soon after the start, then more and more seldom, at least once a
  // second. Those with a session are left out: the library inside sees code come and go at once.
  void look(const std::set<pid_t> &pids);
  std::chrono::milliseconds until_next() const; // until it is time
  // One code file a process that had images.  Problems are sentences in `problems`, one a line.
  void write(const std::filesystem::path &recording, std::string &problems) const;

private:
  struct Process {
    record::CodeFile file;
    std::map<uint64_t, uint64_t> alive; // base -> length
  };
  void look_through(pid_t pid);

  std::map<pid_t, Process> processes_;
  uint64_t before_ = 0, now_ = 0; // CLOCK_MONOTONIC ns of the last look and of this one; 0 = there was none
  std::chrono::steady_clock::time_point next_{};
  std::chrono::milliseconds wait_{25};
};

} // namespace sgperf::run
