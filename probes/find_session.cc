// SPDX-License-Identifier: Apache-2.0
#include "probes/find_session.h"

#include "libsgperf/session_layout.h"

#include <sys/uio.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace sgperf::probes {
namespace {

bool is_session_file(const std::string &path) {
  const size_t slash = path.rfind('/');
  return slash != std::string::npos && path.compare(slash + 1, 8, "session-") == 0 && path.ends_with(".sgp");
}

} // namespace

std::optional<MappedSession> find_session(pid_t pid) {
  // Not by a std::ifstream, which throws if the process ends while it is read.
  const std::unique_ptr<FILE, int (*)(FILE *)> maps(fopen(("/proc/" + std::to_string(pid) + "/maps").c_str(), "re"),
                                                    fclose);
  char buffer[4352]; // addresses and rights, and a path of PATH_MAX
  while (maps && fgets(buffer, sizeof buffer, maps.get())) {
    const std::string_view line(buffer, strcspn(buffer, "\n"));
    unsigned long begin = 0, offset = 0;
    int path_at = 0;
    if (std::sscanf(buffer, "%lx-%*x %*s %lx %*s %*s %n", &begin, &offset, &path_at) < 2 || offset != 0) continue;
    if (static_cast<size_t>(path_at) >= line.size()) continue;
    std::string path(line.substr(static_cast<size_t>(path_at)));
    constexpr std::string_view deleted = " (deleted)";
    if (path.ends_with(deleted)) path.resize(path.size() - deleted.size());
    if (!is_session_file(path)) continue;
    sgperf_session_header header{};
    const iovec to{&header, offsetof(sgperf_session_header, start)};
    const iovec from{reinterpret_cast<void *>(begin), to.iov_len};
    if (process_vm_readv(pid, &to, 1, &from, 1, 0) != static_cast<ssize_t>(to.iov_len)) continue;
    if (std::memcmp(header.magic, SGPERF_SESSION_MAGIC, 8) != 0 || header.major != SGPERF_SESSION_MAJOR ||
        header.gen_begin == 0 || header.pid == 0)
      continue;
    return MappedSession{begin, header.tls_offset, path};
  }
  return std::nullopt;
}

} // namespace sgperf::probes
