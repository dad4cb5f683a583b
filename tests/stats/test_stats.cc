// SPDX-License-Identifier: Apache-2.0
#include "stats/descriptive.h"
#include "stats/interval.h"
#include "stats/ratio.h"
#include "stats/variance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace sgperf::stats {
namespace {

TEST(Descriptive, QuartilesAreThoseOfR) {
  // R: quantile(1:10) = 1.00 3.25 5.50 7.75 10.00; sd(1:10) = 3.02765; mad(1:10, constant = 1) = 2.5
  const Summary summary = summarize({10, 9, 8, 7, 6, 5, 4, 3, 2, 1});
  EXPECT_EQ(summary.n, 10u);
  EXPECT_DOUBLE_EQ(summary.min, 1);
  EXPECT_DOUBLE_EQ(summary.q1, 3.25);
  EXPECT_DOUBLE_EQ(summary.median, 5.5);
  EXPECT_DOUBLE_EQ(summary.q3, 7.75);
  EXPECT_DOUBLE_EQ(summary.max, 10);
  EXPECT_DOUBLE_EQ(summary.mean, 5.5);
  EXPECT_NEAR(summary.sd, 3.0276503541, 1e-9);
  EXPECT_DOUBLE_EQ(summary.mad, 2.5);
}

TEST(Descriptive, OneValueAndNone) {
  EXPECT_DOUBLE_EQ(summarize({7}).median, 7);
  EXPECT_DOUBLE_EQ(summarize({7}).sd, 0);
  EXPECT_EQ(summarize({}).n, 0u);
}

TEST(Descriptive, LargeValuesCloseTogetherKeepTheirSpread) {
  EXPECT_NEAR(summarize({1e15 + 1, 1e15 + 2, 1e15 + 3}).sd, 1, 1e-9);
}

TEST(Descriptive, SightglassMedianIsTheUpperOne) {
  EXPECT_DOUBLE_EQ(upper_median({4, 1, 3, 2}), 3);
  EXPECT_DOUBLE_EQ(upper_median({3, 1, 2}), 2);
  EXPECT_DOUBLE_EQ(mean_absolute_deviation({1, 2, 3}), 2.0 / 3.0);
}

TEST(Interval, QuantilesOfStudentsT) {
  EXPECT_NEAR(t_quantile(0.975, 9), 2.2621571628, 1e-9);
  EXPECT_NEAR(t_quantile(0.995, 2), 9.9248432009, 1e-9);
}

TEST(Interval, RanksOfTheMedian) {
  // Binomial sums: 11/1024 <= 0.025 < 56/1024 for n = 10, and so on.
  EXPECT_EQ(median_rank(5), 0u);
  EXPECT_EQ(median_rank(6), 1u);
  EXPECT_EQ(median_rank(10), 2u);
  EXPECT_EQ(median_rank(20), 6u);
  EXPECT_EQ(median_rank(7, 0.01), 0u);
  EXPECT_EQ(median_rank(8, 0.01), 1u);
  const auto interval = median_interval({10, 9, 8, 7, 6, 5, 4, 3, 2, 1});
  ASSERT_TRUE(interval);
  EXPECT_DOUBLE_EQ(interval->low, 2);
  EXPECT_DOUBLE_EQ(interval->high, 9);
  EXPECT_FALSE(median_interval({1, 2, 3, 4, 5}));
}

TEST(Interval, MeanOfTen) {
  const auto interval = mean_interval({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, 5.5 - 2.1658506, 1e-6);
  EXPECT_NEAR(interval->high, 5.5 + 2.1658506, 1e-6);
  EXPECT_FALSE(mean_interval({1}));
}

TEST(Ratio, ThreeBlocksByHand) {
  // d = ln 1.1, ln 1.2, ln 1.3: mean 0.1799987, s 0.0835512, t(0.975, 2) = 4.302653
  const auto ratio = block_ratio({{1, 110}, {2, 240}, {3, 390}}, {{1, 100}, {2, 200}, {3, 300}});
  ASSERT_TRUE(ratio);
  EXPECT_EQ(ratio->blocks, 3u);
  EXPECT_NEAR(ratio->ratio, 1.197216, 1e-6);
  ASSERT_TRUE(ratio->interval);
  EXPECT_NEAR(ratio->interval->low, 0.97282, 1e-4);
  EXPECT_NEAR(ratio->interval->high, 1.47337, 1e-4);
  EXPECT_NEAR(ratio->median_ratio, 1.2, 1e-12);
  EXPECT_FALSE(ratio->sign_interval); // three blocks are too few
}

TEST(Ratio, OnlyBlocksWithBoth) {
  const auto ratio = block_ratio({{1, 20}, {2, 99}, {4, 0}, {5, 10}}, {{1, 10}, {3, 1}, {4, 1}, {5, 10}});
  ASSERT_TRUE(ratio);
  EXPECT_EQ(ratio->blocks, 2u);
  EXPECT_EQ(ratio->ties, 1u);
  EXPECT_NEAR(ratio->ratio, std::sqrt(2.0), 1e-12);
  EXPECT_FALSE(block_ratio({{1, 1}}, {{2, 1}}));
}

TEST(Ratio, NoiseOfABlockCancels) {
  // Block 3 was three times as slow for both.
  BlockValues a, b;
  for (uint32_t i = 0; i < 10; ++i) {
    const double block = i == 3 ? 3 : 1;
    a[i] = 150 * block;
    b[i] = 100 * block;
  }
  const auto ratio = block_ratio(a, b);
  ASSERT_TRUE(ratio && ratio->interval);
  EXPECT_NEAR(ratio->interval->low, 1.5, 1e-9);
  EXPECT_NEAR(ratio->interval->high, 1.5, 1e-9);
}

TEST(Ratio, OneWildBlockIsSeen) {
  BlockValues a, b;
  for (uint32_t i = 0; i < 10; ++i) {
    a[i] = i == 4 ? 50 : 101 + 0.01 * i;
    b[i] = 100;
  }
  const auto ratio = block_ratio(a, b);
  ASSERT_TRUE(ratio && ratio->interval && ratio->sign_interval);
  EXPECT_LT(ratio->interval->low, 1);      // the t interval cannot tell
  EXPECT_GT(ratio->sign_interval->low, 1); // nine of ten blocks can
  EXPECT_FALSE(ratio->agree);
}

TEST(Ratio, IntervalCoversAsOftenAsItSays) {
  // Lognormal blocks with a common block effect: 95 % of the intervals hold the true ratio.
  std::mt19937_64 random(20260701);
  std::normal_distribution<double> normal;
  constexpr int runs = 4000;
  int covered = 0, sign_covered = 0;
  for (int run = 0; run < runs; ++run) {
    BlockValues a, b;
    for (uint32_t block = 0; block < 10; ++block) {
      const double common = 0.05 * normal(random);
      a[block] = std::exp(std::log(1.1) + common + 0.02 * normal(random));
      b[block] = std::exp(common + 0.02 * normal(random));
    }
    const auto ratio = block_ratio(a, b);
    ASSERT_TRUE(ratio && ratio->interval && ratio->sign_interval);
    covered += ratio->interval->low <= 1.1 && 1.1 <= ratio->interval->high;
    sign_covered += ratio->sign_interval->low <= 1.1 && 1.1 <= ratio->sign_interval->high;
  }
  // Standard error 0.35 %: four of them.
  EXPECT_NEAR(covered / double(runs), 0.95, 0.014);
  // Order statistics come in steps: 1 - 2 * 11/1024 = 97.85 % for ten blocks.
  EXPECT_NEAR(sign_covered / double(runs), 0.9785, 0.01);
}

TEST(Suite, GeometricMeanByHand) {
  // Ratios 2 and 8: their geometric mean is 4, in every block.
  const auto ratio = suite_ratio({{{{1, 2}, {2, 4}}, {{1, 1}, {2, 2}}}, {{{1, 80}, {2, 8}}, {{1, 10}, {2, 1}}}});
  ASSERT_TRUE(ratio && ratio->ratio.interval);
  EXPECT_NEAR(ratio->ratio.ratio, 4, 1e-12);
  EXPECT_NEAR(ratio->ratio.interval->low, 4, 1e-9);
  EXPECT_EQ(ratio->workloads, 2u);
  EXPECT_EQ(ratio->losses, 2u);
  // A block that one workload lacks counts for neither.
  const auto part = suite_ratio({{{{1, 2}, {2, 400}}, {{1, 1}, {2, 1}}}, {{{1, 8}}, {{1, 1}}}});
  ASSERT_TRUE(part);
  EXPECT_EQ(part->ratio.blocks, 1u);
  EXPECT_NEAR(part->ratio.ratio, 4, 1e-12);
  EXPECT_EQ(part->ties, 2u); // an interval around 1, and one block without any
  EXPECT_FALSE(suite_ratio({}));
  EXPECT_FALSE(suite_ratio({{{{1, 1}}, {{1, 1}}}, {{{2, 1}}, {{2, 1}}}})) << "no block that both have";
}

TEST(Suite, IntervalKeepsWhatWorkloadsShare) {
  // In every block all eight workloads of `a` are disturbed together.  An interval that took workloads for independent
  // would be too narrow by sqrt(8).
  std::mt19937_64 random(20261126);
  std::normal_distribution<double> normal;
  constexpr int runs = 2000;
  int covered = 0;
  for (int run = 0; run < runs; ++run) {
    std::vector<BlockPair> pairs(8);
    for (uint32_t block = 0; block < 10; ++block) {
      const double shared = 0.05 * normal(random);
      for (BlockPair &pair : pairs) {
        pair.values[block] = std::exp(std::log(1.3) + shared + 0.01 * normal(random));
        pair.reference[block] = 1;
      }
    }
    const auto ratio = suite_ratio(pairs);
    ASSERT_TRUE(ratio && ratio->ratio.interval);
    covered += ratio->ratio.interval->low <= 1.3 && 1.3 <= ratio->ratio.interval->high;
  }
  EXPECT_NEAR(covered / double(runs), 0.95, 0.02); // standard error 0.5 %
}

TEST(Variance, TwoProcessesByHand) {
  // means 2 and 6: S1^2 = 2, S2^2 = 8, T2^2 = 8 - 2/2 = 7, ICC 7/9
  const auto split = split_variance({{1, 3}, {5, 7}});
  ASSERT_TRUE(split);
  EXPECT_DOUBLE_EQ(split->mean, 4);
  EXPECT_DOUBLE_EQ(split->s1_squared, 2);
  EXPECT_DOUBLE_EQ(split->s2_squared, 8);
  EXPECT_DOUBLE_EQ(split->t2_squared, 7);
  EXPECT_DOUBLE_EQ(split->icc, 7.0 / 9);
  EXPECT_DOUBLE_EQ(split->design_effect, 16.0 / 9);
  EXPECT_DOUBLE_EQ(split->effective_n, 2.25);
}

TEST(Variance, NoneBetweenProcesses) {
  const auto split = split_variance({{1, 3}, {1, 3}, {3, 1}});
  ASSERT_TRUE(split);
  EXPECT_DOUBLE_EQ(split->t2_squared, 0);
  EXPECT_DOUBLE_EQ(split->design_effect, 1);
  EXPECT_FALSE(split_variance({{1, 2, 3}}));
  EXPECT_FALSE(split_variance({{1}, {2}}));
}

} // namespace
} // namespace sgperf::stats
