// SPDX-License-Identifier: Apache-2.0
// The threads of a process that live now.
#pragma once

#include <sys/types.h>

#include <functional>
#include <set>

namespace sgperf::probes {

std::set<pid_t> threads_of(pid_t pid); // from /proc/PID/task; empty: it has ended

// Calls visit(tid) for each, once, `first` (0 = none) before all others.  A thread that is made meanwhile inherits the
// events of its maker if that was visited already; so it looks until all have been.  False: a visit said so, and was
// the last.
bool visit_threads(pid_t pid, const std::function<bool(pid_t)> &visit, pid_t first = 0);

} // namespace sgperf::probes
