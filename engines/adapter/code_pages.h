// SPDX-License-Identifier: Apache-2.0
// Machine code that this process made, for engines that do not tell the size of theirs.
#pragma once

#include <cstdint>

namespace sgperf::engine {

// Bytes of all executable mappings that are of no file on disk, in whole pages.  Reads /proc/self/maps: tens of
// microseconds.  0 = there are none, or it cannot be read.
uint64_t code_pages_size();

} // namespace sgperf::engine
