// SPDX-License-Identifier: Apache-2.0
// Which code was at an address at a time, by one source: what was loaded later covers what was there before.
#pragma once

#include <cstdint>
#include <vector>

namespace sgperf::merge {

class CodeTimeline {
public:
  static constexpr uint32_t none = UINT32_MAX;
  // Code `code` at [start, end) during [from, to).
  struct Stay {
    uint64_t start = 0, end = 0;
    uint64_t from = 0, to = UINT64_MAX; // CLOCK_MONOTONIC ns
    uint32_t code = none;
  };

  // In any order; of those with one `from` the later one covers.  What is left of older code beside newer code stays.
  // O(n log n) time, however they lie.
  void build(std::vector<Stay> stays);

  // O(log² n) both.
  uint32_t find(uint64_t address, uint64_t time) const;
  // The first that came to the address after `time`; `from` is when.
  uint32_t next(uint64_t address, uint64_t time, uint64_t &from) const;

private:
  void build_tree();
  const Stay *stay_at(uint64_t address) const; // if they are apart
  // Nodes of the tree over the pieces of addresses between `edges_`, from the leaf that has the address to the root.
  template <typename Visit> void each_node(uint64_t address, Visit visit) const;

  // No two at one address and time.  Mostly not even at one address: then by `start`, and there is no tree.
  std::vector<Stay> stays_;
  bool apart_ = true;
  // Else by `from`.
  std::vector<uint64_t> edges_;   // ascending
  std::vector<uint32_t> first_;   // of node i: members_[first_[i], first_[i + 1])
  std::vector<uint32_t> members_; // index in stays_, of each node by `from`
};

} // namespace sgperf::merge
