// SPDX-License-Identifier: Apache-2.0
#include "probes/threads_of.h"

#include <dirent.h>

#include <cstdlib>
#include <string>

namespace sgperf::probes {

std::set<pid_t> threads_of(pid_t pid) {
  std::set<pid_t> out;
  DIR *folder = opendir(("/proc/" + std::to_string(pid) + "/task").c_str());
  if (!folder) return out;
  while (const dirent *entry = readdir(folder))
    if (const int tid = std::atoi(entry->d_name)) out.insert(tid);
  closedir(folder);
  return out;
}

bool visit_threads(pid_t pid, const std::function<bool(pid_t)> &visit, pid_t first) {
  std::set<pid_t> done;
  if (first && done.insert(first).second && !visit(first)) return false;
  for (int round = 0; round < 100; round++) {
    const size_t before = done.size();
    for (const pid_t tid : threads_of(pid))
      if (done.insert(tid).second && !visit(tid)) return false;
    if (done.size() == before) break;
  }
  return true;
}

} // namespace sgperf::probes
