// SPDX-License-Identifier: Apache-2.0
// Files of /proc/PID.
#pragma once

#include <sys/types.h>

#include <string>

namespace sgperf::record {

// The whole of /proc/PID/`name`; empty if the process has ended, also while it is read (the buffer of a std::ifstream
// throws then, whatever its exceptions() say), or is somebody else's.
std::string read_process_file(pid_t pid, const char *name);

} // namespace sgperf::record
