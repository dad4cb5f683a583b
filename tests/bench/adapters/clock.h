// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sgperf::bench {

// CPU time of this process, all threads, and of this thread.  Not wall time: other load costs precision, not truth.
uint64_t process_cpu_ns();
uint64_t thread_cpu_ns();

} // namespace sgperf::bench
