// SPDX-License-Identifier: Apache-2.0
#include "run/schedule.h"

#include <utility>

namespace sgperf::run {

uint64_t Random::next() {
  uint64_t z = state_ += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

uint64_t Random::below(uint64_t bound) {
  const uint64_t limit = ~0ull - ~0ull % bound; // values from here on would favour small results
  for (;;)
    if (const uint64_t value = next(); value < limit) return value % bound;
}

std::vector<Slot> make_schedule(uint64_t seed, uint32_t engines, uint32_t workloads, uint32_t blocks) {
  Random random(seed);
  std::vector<Slot> schedule;
  schedule.reserve(std::size_t{engines} * workloads * blocks);
  for (uint32_t block = 1; block <= blocks; ++block) {
    std::vector<Slot> pass;
    for (uint32_t w = 0; w < workloads; ++w)
      for (uint32_t e = 0; e < engines; ++e) pass.push_back({e, w, block, 0, 0});
    for (std::size_t i = pass.size(); i > 1; --i) std::swap(pass[i - 1], pass[random.below(i)]);
    for (uint32_t position = 0; position < pass.size(); ++position) {
      pass[position].position = position;
      pass[position].padding = static_cast<uint32_t>(random.below(4096));
    }
    schedule.insert(schedule.end(), pass.begin(), pass.end());
  }
  return schedule;
}

} // namespace sgperf::run
