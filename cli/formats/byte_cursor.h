// SPDX-License-Identifier: Apache-2.0
// Reading little-endian numbers, LEB128 and runs of bytes from memory that may end anywhere.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace sgperf::formats {

// Reading past the end, and a LEB that does not fit its type, give zeros and set `bad`: callers check once a step.
// After `bad` nothing more is read, so a loop over a count from the file ends by checking it.
class ByteCursor {
public:
  explicit ByteCursor(std::string_view bytes, size_t at = 0) : bytes_(bytes), at_(at) { bad_ = at > bytes.size(); }

  bool bad() const { return bad_; }
  size_t at() const { return at_; }
  size_t left() const { return bad_ ? 0 : bytes_.size() - at_; }
  bool done() const { return left() == 0; }

  template <typename Number> Number number() {
    Number out{};
    const std::string_view raw = take(sizeof out);
    if (!bad_) std::memcpy(&out, raw.data(), sizeof out);
    return out;
  }
  uint8_t u8() { return number<uint8_t>(); }
  uint16_t u16() { return number<uint16_t>(); }
  uint32_t u32() { return number<uint32_t>(); }
  uint64_t u64() { return number<uint64_t>(); }

  // Unsigned LEB128 of at most `bits` bits.
  uint64_t uleb(unsigned bits = 64) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < bits; shift += 7) {
      const uint8_t byte = u8();
      const uint64_t part = byte & 0x7f;
      if (bits - shift < 7 && part >> (bits - shift)) break;
      value |= part << shift;
      if (!(byte & 0x80)) return bad_ ? 0 : value;
    }
    bad_ = true;
    return 0;
  }
  // Signed LEB128 of at most 64 bits.
  int64_t sleb() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = u8();
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte & 0x80) continue;
      if (bad_) return 0;
      if ((byte & 0x40) && shift + 7 < 64) value |= ~uint64_t{0} << (shift + 7);
      return static_cast<int64_t>(value);
    }
    bad_ = true;
    return 0;
  }
  std::string_view take(uint64_t size) {
    if (size > left()) {
      bad_ = true;
      return {};
    }
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  void skip(uint64_t size) { take(size); }

private:
  std::string_view bytes_;
  size_t at_;
  bool bad_ = false;
};

} // namespace sgperf::formats
