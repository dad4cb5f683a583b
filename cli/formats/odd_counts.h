// SPDX-License-Identifier: Apache-2.0
// How often a tolerant reader met what, by kind.  A kind is an enum class whose last member is `count`, with a
// `const char *to_text(Kind)` beside it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace sgperf::formats {

template <typename Kind> class OddCounts {
public:
  static constexpr size_t kinds = static_cast<size_t>(Kind::count);

  void add(Kind kind, uint64_t times = 1) { counts_[static_cast<size_t>(kind)] += times; }
  uint64_t operator[](Kind kind) const { return counts_[static_cast<size_t>(kind)]; }
  uint64_t total() const {
    uint64_t sum = 0;
    for (const uint64_t n : counts_) sum += n;
    return sum;
  }
  bool operator==(const OddCounts &) const = default;

private:
  std::array<uint64_t, kinds> counts_{};
};

// "3 x names without an end, 1 x ..": what is not zero, in the order of the kinds; empty if nothing was odd.
template <typename Kind> std::string to_text(const OddCounts<Kind> &odd) {
  std::string out;
  for (size_t i = 0; i < OddCounts<Kind>::kinds; ++i) {
    const auto kind = static_cast<Kind>(i);
    if (!odd[kind]) continue;
    out.append(out.empty() ? "" : ", ").append(std::to_string(odd[kind])).append(" x ").append(to_text(kind));
  }
  return out;
}

} // namespace sgperf::formats
