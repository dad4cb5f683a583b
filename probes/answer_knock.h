// SPDX-License-Identifier: Apache-2.0
// What a process that has knocked waits for.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace sgperf::probes {

// Stores `answer` (SGPERF_ANSWER_*) for the knock of that number in the header of its session, and wakes it.  False: it
// cannot be reached, and goes on by itself after 50 ms.
bool answer_knock(pid_t pid, uint32_t sequence, uint32_t answer);

} // namespace sgperf::probes
