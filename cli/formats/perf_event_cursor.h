// SPDX-License-Identifier: Apache-2.0
// Bounded reading of perf's records and sections, in either byte order.
#pragma once

#include "formats/perf_event.h"

#include <cstdint>
#include <cstring>
#include <string_view>

namespace sgperf::formats {

// Reads forward; past the end everything is 0 and `bad` stays set, so that a decoder asks once.
class PerfCursor {
public:
  PerfCursor(std::string_view bytes, bool swapped)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()), swapped_(swapped) {}

  template <class Int> Int get() {
    Int value{};
    if (static_cast<size_t>(end_ - at_) < sizeof value) return fail(), Int{};
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    if (!swapped_) return value;
    if constexpr (sizeof value == 8)
      return __builtin_bswap64(value);
    else if constexpr (sizeof value == 4)
      return __builtin_bswap32(value);
    else if constexpr (sizeof value == 2)
      return __builtin_bswap16(value);
    else
      return value;
  }
  void pair(uint32_t &first, uint32_t &second) {
    first = get<uint32_t>();
    second = get<uint32_t>();
  }
  PerfWords words(uint64_t count) {
    if (count > static_cast<size_t>(end_ - at_) / 8) return fail(), PerfWords();
    const PerfWords result(at_, count, swapped_);
    at_ += count * 8;
    return result;
  }
  std::string_view bytes(uint64_t count) {
    if (count > static_cast<size_t>(end_ - at_)) return fail(), std::string_view();
    const std::string_view result(at_, count);
    at_ += count;
    return result;
  }
  // To the NUL, or all that is left.
  std::string_view text() {
    const std::string_view rest(at_, static_cast<size_t>(end_ - at_));
    at_ = end_;
    return rest.substr(0, rest.find('\0'));
  }
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  bool bad() const { return bad_; }

private:
  void fail() {
    bad_ = true;
    at_ = end_;
  }
  const char *at_, *end_;
  bool swapped_, bad_ = false;
};

} // namespace sgperf::formats
