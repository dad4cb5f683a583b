// SPDX-License-Identifier: Apache-2.0
// The threads of a process that live now.
#pragma once

#include <sys/types.h>

#include <set>

namespace sgperf::probes {

std::set<pid_t> threads_of(pid_t pid); // from /proc/PID/task; empty: it has ended

} // namespace sgperf::probes
