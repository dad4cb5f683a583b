// SPDX-License-Identifier: Apache-2.0
// The guest's linear memory: every access is checked, none assumes alignment.
#pragma once

#include <cstdint>
#include <cstring>

namespace sgperf::wasi {

class Memory {
public:
  Memory(uint8_t *base, uint64_t size) : base_(base), size_(size) {}

  // nullptr when [p, p + n) is not inside.
  uint8_t *at(uint64_t p, uint64_t n) const { return n <= size_ && p <= size_ - n ? base_ + p : nullptr; }

  template <class T> [[nodiscard]] bool load(uint64_t p, T &value) const {
    const uint8_t *from = at(p, sizeof(T));
    if (!from) return false;
    std::memcpy(&value, from, sizeof(T));
    return true;
  }
  template <class T> [[nodiscard]] bool store(uint64_t p, const T &value) const {
    uint8_t *to = at(p, sizeof(T));
    if (!to) return false;
    std::memcpy(to, &value, sizeof(T));
    return true;
  }

private:
  uint8_t *base_;
  uint64_t size_;
};

} // namespace sgperf::wasi
