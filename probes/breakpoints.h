// SPDX-License-Identifier: Apache-2.0
// Execute breakpoints on a guest's entry and its returns in a process that has knocked (libsgperf/session_layout.h).
#pragma once

#include "probes/entry_points.h"

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sgperf::probes {

class Breakpoints {
public:
  Breakpoints() = default;
  ~Breakpoints() { close_all(); }
  Breakpoints(const Breakpoints &) = delete;
  Breakpoints &operator=(const Breakpoints &) = delete;

  // `roles`: the map hit_roles; `program`: sgperf_hit.
  void use(int roles, int program) {
    roles_ = roles;
    program_ = program;
  }
  // For all threads of the process and those they make, `tid` first; again for more code of the same process.  False:
  // none of these is set; `error` says why.
  bool set(pid_t pid, pid_t tid, const EntryPoints &points, std::string &error);
  void clear(pid_t pid); // the code is gone, or the process
  void close_all();

private:
  struct Process {
    std::vector<int> events;
    std::vector<uint64_t> addresses;
  };
  int open(pid_t tid, uint64_t address) const;
  void release(pid_t pid, const Process &process) const;
  int roles_ = -1, program_ = -1;
  std::map<pid_t, Process> processes_;
};

} // namespace sgperf::probes
