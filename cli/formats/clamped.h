// SPDX-License-Identifier: Apache-2.0
// Numbers of damaged files: a conversion that is undefined where the value does not fit must not be made.
#pragma once

#include <cstdint>

namespace sgperf::formats {

// The nearest value that fits; 0 of what is no number.
inline uint64_t clamped(double value) {
  if (!(value > 0)) return 0;
  return value < 18446744073709551616.0 ? static_cast<uint64_t>(value) : UINT64_MAX;
}

} // namespace sgperf::formats
