// SPDX-License-Identifier: Apache-2.0
// What the probes counted, one row a key.  Rows of one key from several threads are not added up.
#pragma once

#include <array>
#include <cstdint>
#include <map>

namespace sgperf::probes {

// Where something happened.
struct Place {
  uint32_t pid = 0, tid = 0;    // of the first pid namespace; both 0 in rows of what found no row of its own
  uint32_t phase = 0, site = 0; // as sgperf_event_tag
  // A process may exec: sites of another image's session are others.  0 = the first image that was seen.
  uint32_t image = 0;
  auto operator<=>(const Place &) const = default;
};

// Calls of one system call.
struct SyscallSums {
  Place place;
  uint32_t number = 0;     // as in <asm/unistd_64.h>
  bool compat = false;     // called through the 32-bit entry: `number` is as in <asm/unistd_32.h>
  uint64_t count = 0;      // calls that returned; the sum of `histogram`
  uint64_t unreturned = 0; // calls that never did: exit, exit_group, killed inside.  Not in `count`
  uint64_t errors = 0;
  uint64_t total_ns = 0;
  uint64_t blocked_ns = 0; // of total_ns: the thread was not on a processor
  uint64_t max_ns = 0;
  // Return values of calls that move bytes from the kernel to the program (read, recv, ..), and the other way.  Copies
  // within the kernel (sendfile, splice, ..) are in both.
  uint64_t bytes_in = 0, bytes_out = 0;
  std::map<uint32_t, uint64_t> errnos;  // errno -> calls; 512 to 517 are the kernel's own: the call was interrupted
  std::array<uint64_t, 64> histogram{}; // bucket n: 2^n <= ns < 2^(n+1); 0 ns is in bucket 0
};

struct FaultSums {
  Place place;
  uint64_t user = 0;   // page faults of user space
  uint64_t kernel = 0; // of the kernel, at addresses of user space (a buffer of a system call)
  uint64_t major = 0;  // of both: had to wait for a disk.  The last fault of a thread is told by its next, or its end
};

} // namespace sgperf::probes
