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

} // namespace sgperf::probes
