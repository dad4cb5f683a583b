// SPDX-License-Identifier: Apache-2.0
// Where a process that runs has mapped its session.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace sgperf::probes {

struct MappedSession {
  uint64_t header = 0; // address of sgperf_session_header in the process
  int64_t tls_offset = 0;
  std::string path; // as the process names it
};
// From /proc/PID/maps and the process's memory; nullopt: it has none (yet), or it may not be looked into.
std::optional<MappedSession> find_session(pid_t pid);

} // namespace sgperf::probes
