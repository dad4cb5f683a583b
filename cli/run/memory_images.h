// SPDX-License-Identifier: Apache-2.0
// Code that is found in the memory of processes, looked for again and again, and copied into code files as the
// preloaded library would have written them: images of those that have nothing of ours inside, and of all what they
// register for debuggers (run/gdb_jit_watch.h), of which the library knows nothing.
#pragma once

#include "formats/code_image.h"
#include "probes/entry_points.h"
#include "record/code_file.h"
#include "run/gdb_jit_watch.h"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sgperf::run {

class MemoryImages {
public:
  // Looks through these processes if it is time: soon after the start, then more and more seldom, at least once a
  // second; at lists for debuggers oftener.  Images of those with a session are left out: the library inside sees them
  // come and go at once.
  void look(const std::set<pid_t> &pids);
  std::chrono::milliseconds until_next() const; // until it is time

  // The process has given this .eh_frame to libgcc at `time` (CLOCK_MONOTONIC ns): its image is copied now.  nullopt:
  // there is no image around it, or a session of the process sees to that.
  std::optional<probes::EntryPoints> published(pid_t pid, uint64_t eh_frame, uint64_t time);
  // It has taken it back.  True: no image is left.
  bool gone(pid_t pid, uint64_t eh_frame, uint64_t time);
  // Files with libgcc's unwinder that were seen in processes (by every look too), as this process can open them; each
  // once.
  void find_unwinders(pid_t pid);
  std::vector<std::string> take_unwinders() { return std::exchange(unwinders_, {}); }
  // One code file a process that had images.  Problems are sentences in `problems`, one a line.
  void write(const std::filesystem::path &recording, std::string &problems) const;
  // The same, if there is more than was written two seconds ago.
  void write_now_and_then(const std::filesystem::path &recording, std::string &problems);

private:
  struct Alive {
    uint64_t length = 0, eh_frame = 0;
  };
  struct Process {
    record::CodeFile file;
    std::map<uint64_t, Alive> alive; // by base
    GdbJitWatch registered;
  };
  void look_through(pid_t pid);
  void look_for_images(pid_t pid, const std::vector<formats::MemoryRange> &maps, Process &process);
  void look_again(const std::set<pid_t> &pids);
  bool copy(pid_t pid, const formats::FoundImage &image, uint64_t time);
  void note_unwinders(pid_t pid, const std::vector<formats::MemoryRange> &maps);

  std::map<pid_t, Process> processes_;
  std::vector<std::string> unwinders_;
  std::set<std::pair<uint64_t, uint64_t>> known_unwinders_; // device, inode
  GdbJitFiles files_;
  uint64_t before_ = 0, now_ = 0; // CLOCK_MONOTONIC ns of the last look and of this one; 0 = there was none
  std::chrono::steady_clock::time_point next_{}, again_ = std::chrono::steady_clock::time_point::max();
  std::chrono::milliseconds wait_{25};
  std::chrono::steady_clock::time_point next_write_{};
  size_t written_ = 0; // records
};

} // namespace sgperf::run
