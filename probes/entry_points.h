// SPDX-License-Identifier: Apache-2.0
// Where a guest is entered and left.
#pragma once

#include <cstdint>

namespace sgperf::probes {

struct EntryPoints {
  uint64_t entry = 0, normal_return = 0, unwind_return = 0; // addresses in the process; 0 = not known
};

} // namespace sgperf::probes
