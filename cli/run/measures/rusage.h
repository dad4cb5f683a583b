// SPDX-License-Identifier: Apache-2.0
// getrusage of this process and of its finished children: an engine that compiles by starting cc is charged for cc.
#pragma once

#include <cstdint>
#include <string>

namespace sgperf::run {

struct UsageReading {
  uint64_t user_ns = 0, system_ns = 0; // of threads and finished children
  uint64_t children_ns = 0;            // user + system of finished children alone
  uint64_t minor_faults = 0, major_faults = 0;
  uint64_t voluntary = 0, involuntary = 0; // context switches
};

void read_usage(UsageReading &out) noexcept;

// Peak resident memory of this process (VmHWM).  Not ru_maxrss, which is inherited over exec and would show the peak
// of the command that started the worker.  0 = not known.
uint64_t peak_rss_bytes();
// The greatest of the children that were waited for; at least what this process had when it started them.
uint64_t peak_rss_of_children_bytes();

} // namespace sgperf::run
