// SPDX-License-Identifier: Apache-2.0
#include "record/process_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace sgperf::record {

std::string read_process_file(pid_t pid, const char *name) {
  std::string out;
  const int fd = open(("/proc/" + std::to_string(pid) + "/" + name).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return out;
  for (size_t size = 0;;) {
    out.resize(size + 16384);
    const ssize_t got = read(fd, out.data() + size, out.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got > 0) {
      size += static_cast<size_t>(got);
      continue;
    }
    out.resize(got < 0 ? 0 : size);
    break;
  }
  close(fd);
  return out;
}

} // namespace sgperf::record
