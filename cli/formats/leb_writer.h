// SPDX-License-Identifier: Apache-2.0
// Writing LEB128; byte_cursor.h reads it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace sgperf::formats {

// Padded with bytes that add nothing until it takes `at_least` bytes: what stood in a place may be replaced in it.
inline void put_uleb(std::string &out, uint64_t value, size_t at_least = 1) {
  for (size_t written = 1;; ++written) {
    const auto low = static_cast<char>(value & 0x7f);
    value >>= 7;
    if (!value && written >= at_least) return out.push_back(low);
    out.push_back(static_cast<char>(low | 0x80));
  }
}

inline void put_sleb(std::string &out, int64_t value) {
  for (bool more = true; more;) {
    const uint64_t low = static_cast<uint64_t>(value) & 0x7f;
    value >>= 7;
    more = value != (low & 0x40 ? -1 : 0);
    out.push_back(static_cast<char>(low | (more ? 0x80 : 0)));
  }
}

} // namespace sgperf::formats
