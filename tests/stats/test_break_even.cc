// SPDX-License-Identifier: Apache-2.0
#include "stats/break_even.h"

#include <gtest/gtest.h>

#include <random>

namespace sgperf::stats {
namespace {

double total(const Costs &costs, double n) {
  return costs.compile + n * costs.execution;
}

TEST(BreakEven, ByHand) {
  const Costs interpreter{1, 100}, baseline{50, 20}, optimising{1000, 10}, slow{2000, 200};
  auto even = break_even(optimising, baseline); // 950 / 10 = 95: equal there
  EXPECT_EQ(even.kind, BreakEven::from);
  EXPECT_EQ(even.executions, 96);
  even = break_even(baseline, optimising);
  EXPECT_EQ(even.kind, BreakEven::below);
  EXPECT_EQ(even.executions, 95);
  EXPECT_EQ(break_even(baseline, interpreter).kind, BreakEven::always); // 49 / 80 < 1
  EXPECT_EQ(break_even(interpreter, baseline).kind, BreakEven::never);
  EXPECT_EQ(break_even(baseline, slow).kind, BreakEven::always);
  EXPECT_EQ(break_even(slow, baseline).kind, BreakEven::never);
  EXPECT_EQ(break_even(slow, slow).kind, BreakEven::never);
  EXPECT_EQ(break_even({1, 5}, {2, 5}).kind, BreakEven::always);
}

// What it says of `a` and `b` is what adding up the costs says, for every number of executions.
TEST(BreakEven, AgreesWithTheSums) {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<int> compile(0, 300), execution(0, 12);
  for (int run = 0; run < 2000; ++run) {
    const Costs a{double(compile(random)), double(execution(random))},
        b{double(compile(random)), double(execution(random))};
    const BreakEven even = break_even(a, b);
    for (double n = 1; n < 320; ++n) {
      const bool says = even.kind == BreakEven::always || (even.kind == BreakEven::from && n >= even.executions) ||
                        (even.kind == BreakEven::below && n < even.executions);
      ASSERT_EQ(says, total(a, n) < total(b, n))
          << a.compile << " " << a.execution << " " << b.compile << " " << b.execution << " n " << n;
    }
  }
}

TEST(BreakEven, CheapestIsTheLowestLine) {
  const auto all = cheapest({{1000, 10}, {50, 20}, {1, 100}, {2000, 200}});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].index, 1u); // 70 for the first execution; the interpreter needs 101
  EXPECT_EQ(all[1].index, 0u);
  EXPECT_EQ(all[1].executions, 96);
  EXPECT_TRUE(cheapest({}).empty());
  std::mt19937_64 random(11);
  std::uniform_int_distribution<int> compile(0, 300), execution(1, 12);
  for (int run = 0; run < 500; ++run) {
    std::vector<Costs> engines(6);
    for (Costs &one : engines) one = {double(compile(random)), double(execution(random))};
    const auto line = cheapest(engines);
    size_t at = 0;
    for (double n = 1; n < 320; ++n) {
      while (at + 1 < line.size() && line[at + 1].executions <= n) ++at;
      for (const Costs &other : engines) ASSERT_LE(total(engines[line[at].index], n), total(other, n)) << "n " << n;
    }
  }
}

} // namespace
} // namespace sgperf::stats
