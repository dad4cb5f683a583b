// SPDX-License-Identifier: Apache-2.0
#include "run/schedule.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace sgperf::run {
namespace {

TEST(Schedule, EveryBlockHoldsEveryCellOnce) {
  const auto schedule = make_schedule(1, 3, 4, 7);
  ASSERT_EQ(schedule.size(), 84u);
  std::map<uint32_t, std::set<std::pair<uint32_t, uint32_t>>> cells;
  uint32_t last = 1;
  for (const Slot &slot : schedule) {
    EXPECT_GE(slot.block, last) << "blocks do not mix";
    last = slot.block;
    EXPECT_EQ(slot.position, cells[slot.block].size());
    EXPECT_TRUE(cells[slot.block].insert({slot.engine, slot.workload}).second);
    EXPECT_LT(slot.padding, 4096u);
  }
  EXPECT_EQ(cells.size(), 7u);
}

TEST(Schedule, OrderDependsOnTheSeedAlone) {
  const auto text = [](uint64_t seed) {
    std::string out;
    for (const Slot &s : make_schedule(seed, 4, 2, 3))
      out += std::to_string(s.engine) + "," + std::to_string(s.workload) + " ";
    return out;
  };
  EXPECT_EQ(text(9), text(9));
  EXPECT_NE(text(9), text(10));
  // Resuming must understand plans of older builds: this order never changes.
  EXPECT_EQ(text(1).size(), 4u * 24u);
}

TEST(Schedule, EveryEngineTakesEveryPosition) {
  std::map<std::pair<uint32_t, uint32_t>, int> count;
  for (const Slot &s : make_schedule(3, 4, 1, 4000)) ++count[{s.engine, s.position}];
  ASSERT_EQ(count.size(), 16u);
  for (const auto &[key, n] : count) EXPECT_NEAR(n, 1000, 150); // 5 standard deviations
}

TEST(Schedule, BelowStaysBelow) {
  Random random(4);
  std::map<uint64_t, int> seen;
  for (int i = 0; i < 3000; ++i) ++seen[random.below(3)];
  ASSERT_EQ(seen.size(), 3u);
  for (const auto &[value, n] : seen) EXPECT_NEAR(n, 1000, 150) << value;
}

} // namespace
} // namespace sgperf::run
