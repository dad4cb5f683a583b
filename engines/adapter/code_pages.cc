// SPDX-License-Identifier: Apache-2.0
#include "adapter/code_pages.h"

#include <cstdio>
#include <cstring>

namespace sgperf::engine {

uint64_t code_pages_size() {
  std::FILE *maps = std::fopen("/proc/self/maps", "re");
  if (!maps) return 0;
  uint64_t total = 0;
  char line[4352]; // a path is at most 4096
  while (std::fgets(line, sizeof line, maps)) {
    unsigned long begin = 0, end = 0, inode = 0;
    char rights[5] = "";
    int path = 0;
    if (std::sscanf(line, "%lx-%lx %4s %*x %*x:%*x %lu %n", &begin, &end, rights, &inode, &path) < 4) continue;
    // [vdso] and [vsyscall] are the kernel's; /memfd: has an inode and is on no disk.
    const bool own = line[path] == '\0' || line[path] == '\n' || !std::strncmp(line + path, "/memfd:", 7) ||
                     !std::strncmp(line + path, "[anon", 5);
    if (rights[2] == 'x' && own) total += end - begin;
  }
  std::fclose(maps);
  return total;
}

} // namespace sgperf::engine
