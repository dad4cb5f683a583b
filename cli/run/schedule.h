// SPDX-License-Identifier: Apache-2.0
// Randomised complete blocks: each block runs every cell once, each in a fresh process, in an order of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sgperf::run {

// Our own generator, so that a seed gives the same plan with every compiler and library.
class Random {
public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next();                // splitmix64
  uint64_t below(uint64_t bound); // 0 .. bound - 1, unbiased

private:
  uint64_t state_;
};

struct Slot {
  uint32_t engine = 0, workload = 0; // indices
  uint32_t block = 0;                // from 1; 0 is the calibration before
  uint32_t position = 0;             // in the block
  uint32_t padding = 0;              // bytes of environment
};

// All slots in order: a pure function of its arguments, which --dry-run prints and --resume computes again.
std::vector<Slot> make_schedule(uint64_t seed, uint32_t engines, uint32_t workloads, uint32_t blocks);

} // namespace sgperf::run
