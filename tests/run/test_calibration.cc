// SPDX-License-Identifier: Apache-2.0
#include "run/calibration.h"

#include <gtest/gtest.h>

namespace sgperf::run {
namespace {

record::Sample sample(record::Role role, double ticks, uint64_t inner = 1, const char *phase = "execute") {
  record::Sample s;
  s.engine = "e";
  s.workload = "w";
  s.role = role;
  s.phase = phase;
  s.inner = inner;
  s.iteration = 1;
  s.values["tsc_ticks"] = ticks;
  return s;
}

TEST(Corrections, MedianOfTheEmptyRegion) {
  Corrections corrections;
  for (const double ticks : {26.0, 52.0, 26.0, 5000.0, 52.0}) corrections.add(sample(record::Role::calibration, ticks));
  auto s = sample(record::Role::timed, 1000);
  corrections.correct(s);
  EXPECT_DOUBLE_EQ(s.corrected.at("tsc_ticks"), 948);
  EXPECT_DOUBLE_EQ(s.values.at("tsc_ticks"), 1000) << "raw stays";
  auto other = sample(record::Role::timed, 1000);
  other.engine = "another";
  corrections.correct(other);
  EXPECT_TRUE(other.corrected.empty()) << "only what is known";
  auto compile = sample(record::Role::timed, 1000, 1, "compile");
  corrections.correct(compile);
  EXPECT_TRUE(compile.corrected.empty());
}

TEST(Corrections, LoopsAreCorrectedByTheEmptyLoop) {
  Corrections corrections;
  corrections.add(sample(record::Role::calibration, 26));
  corrections.add(sample(record::Role::calibration, 400, 100, "empty-loop"));
  auto s = sample(record::Role::timed, 5000, 100, "call");
  corrections.correct(s);
  EXPECT_DOUBLE_EQ(s.corrected.at("tsc_ticks"), 4600);
}

TEST(Corrections, ColdHasItsOwn) {
  Corrections corrections;
  auto cold = sample(record::Role::calibration, 300);
  cold.iteration = 0;
  corrections.add(cold);
  corrections.add(sample(record::Role::calibration, 26));
  auto s = sample(record::Role::cold, 1000);
  corrections.correct(s);
  EXPECT_DOUBLE_EQ(s.corrected.at("tsc_ticks"), 700);
}

TEST(Inner, Count) {
  EXPECT_EQ(inner_count(100000, 50000), 1u);
  EXPECT_EQ(inner_count(50000, 50000), 1u);
  EXPECT_EQ(inner_count(49999, 50000), 2u);
  EXPECT_EQ(inner_count(2, 50000), 25000u);
  EXPECT_EQ(inner_count(0, 50000), 1u) << "nothing is known";
  EXPECT_DOUBLE_EQ(shortest_interval_ns(10), 50000);
  EXPECT_DOUBLE_EQ(shortest_interval_ns(100), 100000) << "a thousand steps of a coarse clock";
}

} // namespace
} // namespace sgperf::run
