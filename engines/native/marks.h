// SPDX-License-Identifier: Apache-2.0
// The bench marks of a program that ran as a child: SGPERF_BENCH_START and SGPERF_BENCH_END of sgperf.h, as libsgperf
// wrote them into the child's session file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sgperf::native {

struct Mark {
  uint64_t begin_ns = 0, end_ns = 0; // CLOCK_MONOTONIC
  bool open = false;                 // the end was never reported: end_ns is the session's end
};

// All regions in the session files of `folder`, in order of their begin.  Unreadable files have no marks.
std::vector<Mark> read_marks(const std::string &folder);

} // namespace sgperf::native
