// SPDX-License-Identifier: Apache-2.0
// Numbers of a jitdump, in either byte order, at any alignment.  For the reader only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sgperf::formats {

struct JitdumpBytes {
  std::string_view bytes;
  bool swapped = false;

  size_t size() const { return bytes.size(); }
  // The caller has checked that `at` + 4 (8) is within.
  uint32_t u32(size_t at) const {
    uint32_t value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return swapped ? __builtin_bswap32(value) : value;
  }
  uint64_t u64(size_t at) const {
    uint64_t value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return swapped ? __builtin_bswap64(value) : value;
  }
  JitdumpBytes part(size_t at, size_t length) const { return {bytes.substr(at, length), swapped}; }
};

} // namespace sgperf::formats
