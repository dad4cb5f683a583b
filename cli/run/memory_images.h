// SPDX-License-Identifier: Apache-2.0
// Code that is found in the memory of processes, looked for again and again, and copied into code files as the
// preloaded library would have written them: images of those that have nothing of ours inside, and of all what they
// register for debuggers (run/gdb_jit_watch.h), of which the library knows nothing.
#pragma once

#include "record/code_file.h"
#include "run/gdb_jit_watch.h"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace sgperf::run {

class MemoryImages {
public:
  // Looks through these processes if it is time: soon after the start, then more and more seldom, at least once a
  // second; at lists for debuggers oftener.  Images of those with a session are left out: the library inside sees them
  // come and go at once.
  void look(const std::set<pid_t> &pids);
  std::chrono::milliseconds until_next() const; // until it is time
  // One code file a process that had images.  Problems are sentences in `problems`, one a line.
  void write(const std::filesystem::path &recording, std::string &problems) const;

private:
  struct Process {
    record::CodeFile file;
    std::map<uint64_t, uint64_t> alive; // base -> length
    GdbJitWatch registered;
  };
  void look_through(pid_t pid);
  void look_for_images(pid_t pid, const std::vector<formats::MemoryRange> &maps, Process &process);
  void look_again(const std::set<pid_t> &pids);

  std::map<pid_t, Process> processes_;
  GdbJitFiles files_;
  uint64_t before_ = 0, now_ = 0; // CLOCK_MONOTONIC ns of the last look and of this one; 0 = there was none
  std::chrono::steady_clock::time_point next_{}, again_ = std::chrono::steady_clock::time_point::max();
  std::chrono::milliseconds wait_{25};
};

} // namespace sgperf::run
