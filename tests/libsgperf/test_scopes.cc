// SPDX-License-Identifier: Apache-2.0
// What is in a slot: times that add up, whatever way a scope is left.
#include "libsgperf/fixture.h"

#include <cmath>

namespace sgperf::test {
namespace {

class Scopes : public Libsgperf {};

TEST_F(Scopes, SelfTimesAddUpToTheRoots) {
  run_ok("nests", {"2000"});
  const Session session = this->session();
  const Sums root = session.sums("nest::root"), grow = session.sums("nest::grow"), leaf = session.sums("nest::leaf");
  EXPECT_EQ(root.count, 2000u);
  EXPECT_GT(grow.count, 4000u);
  EXPECT_GT(leaf.count, 4000u);
  EXPECT_EQ(root.self + grow.self + leaf.self, root.total) << "on one thread to the last tick, recursion included";
  EXPECT_EQ(leaf.self, leaf.total);
  EXPECT_LT(grow.self, grow.total);
}

TEST_F(Scopes, LongjmpHealsOneLevelUp) {
  run_ok("longjmps", {"200"});
  const Session session = this->session();
  const auto of = [&](const char *name) { return session.sums(name); };
  EXPECT_EQ(of("jump::lost_outer").count, 0u) << "a scope that never ended is never counted";
  EXPECT_EQ(of("jump::lost_inner").count, 0u);
  EXPECT_EQ(of("jump::parent").count, 200u);
  EXPECT_EQ(of("jump::sibling").count, 200u);
  EXPECT_EQ(of("jump::root").count, 1u);
  EXPECT_EQ(of("jump::root").self, of("jump::root").total - of("jump::parent").total);
  // The sibling starts from the inner scope's sum (0) and not from the parent's: the parent's self time has the 20 us
  // that were jumped out of, and its own.
  EXPECT_EQ(of("jump::parent").self, of("jump::parent").total - of("jump::sibling").total);
  EXPECT_GE(session.ns(of("jump::parent").self), 200 * 20e3 * 0.98);
  EXPECT_EQ(of("jump::after").self, of("jump::after").total) << "a scope after the jumps is not touched by them";
  for (const Block &block : session.blocks) EXPECT_EQ(block.site, 0u) << "the region tag heals too";
}

TEST_F(Scopes, TogglingNeverYieldsABogusDuration) {
  const Result result = run_ok("toggles", {"4", "400"});
  const uint64_t scopes = number_after(result.out, "scopes"), ns = number_after(result.out, "ns");
  EXPECT_GT(number_after(result.out, "toggles"), 100u);
  const Session session = this->session();
  for (const char *name : {"toggle::outer", "toggle::inner"}) {
    const Sums sums = session.sums(name);
    EXPECT_GT(sums.count, 0u) << name;
    EXPECT_LE(sums.count, scopes) << name;
    EXPECT_LE(session.ns(sums.max), static_cast<double>(ns) * 1.02) << name << ": longer than the program ran";
    EXPECT_LE(session.ns(sums.total), static_cast<double>(ns) * 4 * 1.02) << name;
    EXPECT_LE(sums.self, sums.total) << name;
    EXPECT_LE(sums.min, sums.max) << name;
  }
  const Sums inner = session.sums("toggle::inner");
  EXPECT_EQ(inner.self, inner.total);
  EXPECT_LT(inner.count, scopes) << "never off: nothing was tested";
  for (const Block &block : session.blocks) EXPECT_EQ(block.site, 0u);
}

TEST_F(Scopes, CountersGaugesAndHistograms) {
  run_ok("counters");
  const Session session = this->session();
  const Sums items = session.sums("count::items");
  EXPECT_EQ(items.count, 200u);
  EXPECT_EQ(items.total, 2u * 5050u);
  const Sums depth = session.sums("count::depth");
  EXPECT_EQ(depth.count, 200u);
  EXPECT_EQ(depth.max, 1100u) << "the largest over all threads";
  const Sums fenced = session.sums("count::fenced");
  EXPECT_EQ(fenced.count, 100u);
  EXPECT_GT(fenced.min, 0u);

  const Sums histogram = session.sums("count::histogram");
  EXPECT_EQ(histogram.count, 1000u);
  ASSERT_TRUE(histogram.histogram);
  EXPECT_EQ(histogram.bucket_sum(), histogram.count) << "every event is in one bucket";
  // The buckets agree with min and max, and with the two kinds of scope: 500 empty ones, 500 of 100 us.
  const auto log2 = [](uint64_t value) { return 63 - static_cast<unsigned>(__builtin_clzll(value | 1)); };
  unsigned lowest = 64, highest = 0;
  uint64_t long_ones = 0, lower_bound = 0;
  for (unsigned b = 0; b < 64; ++b) {
    if (!histogram.buckets[b]) continue;
    lowest = std::min(lowest, b);
    highest = std::max(highest, b);
    lower_bound += histogram.buckets[b] << b;
    if (session.ns(uint64_t{2} << b) >= 100e3) long_ones += histogram.buckets[b]; // the upper end of the bucket
  }
  EXPECT_EQ(lowest, log2(histogram.min));
  EXPECT_EQ(highest, log2(histogram.max));
  EXPECT_GE(long_ones, 500u);
  EXPECT_LE(long_ones, 550u) << "empty scopes in a bucket of 100 us (a few may have been preempted)";
  EXPECT_LE(lower_bound, histogram.total);
  EXPECT_FALSE(session.sums("count::fenced").histogram) << "histograms are opt-in";
}

struct Timed {
  double told_ns = 0, counted_ns = 0;
  Session session;
};

class Timer : public Libsgperf {
protected:
  Timed timed(const std::string &timer) {
    options_.env.push_back("SGPERF_TIMER=" + timer);
    options_.env.push_back("TEST_BUSY_US=500");
    Timed out;
    // The program's own readings lie inside the scope's: who takes the CPU away between the two adds to one of them
    // only (seen: 10 ms of 30).  A clock that is wrong is wrong each time.
    for (int attempt = 0; attempt < 5; ++attempt) {
      if (attempt > 0) std::filesystem::remove(session_files(dir()).front());
      const Result result = run_ok("calls", {"60"});
      out.session = this->session();
      out.told_ns = static_cast<double>(number_after(result.out, "spent"));
      out.counted_ns = out.session.ns(out.session.sums("alpha::inner").total);
      if (std::abs(out.counted_ns / out.told_ns - 1) <= 0.01) break;
    }
    return out;
  }
};

bool invariant_tsc() {
  const std::string cpu = read_file("/proc/cpuinfo");
  return cpu.find("constant_tsc") != std::string::npos && cpu.find("nonstop_tsc") != std::string::npos;
}

TEST_F(Timer, TscCountsRealTime) {
  const Timed run = timed("tsc");
  if (!invariant_tsc()) GTEST_SKIP() << "this machine has no invariant time-stamp counter";
  EXPECT_EQ(run.session.header.timer, unsigned{SGPERF_TIMER_TSC});
  EXPECT_TRUE(run.session.header.flags & SGPERF_SESSION_FLAG_INVARIANT_TSC);
  for (const Block &block : run.session.blocks) EXPECT_EQ(block.timer, 0u);
  EXPECT_NEAR(run.counted_ns / run.told_ns, 1.0, 0.01);
}

TEST_F(Timer, ClockCountsTheSameTime) {
  const Timed run = timed("clock");
  EXPECT_EQ(run.session.header.timer, unsigned{SGPERF_TIMER_CLOCK});
  ASSERT_FALSE(run.session.blocks.empty());
  for (const Block &block : run.session.blocks) EXPECT_NE(block.timer, 0u) << "a block counts ticks in a session of ns";
  EXPECT_NEAR(run.counted_ns / run.told_ns, 1.0, 0.01);
}

TEST_F(Timer, NonsenseFallsBackToTheDefault) {
  const Timed run = timed("sundial");
  EXPECT_EQ(run.session.header.timer, unsigned(invariant_tsc() ? SGPERF_TIMER_TSC : SGPERF_TIMER_CLOCK));
  EXPECT_NEAR(run.counted_ns / run.told_ns, 1.0, 0.01);
}

TEST_F(Timer, AnchorsAreTakenAndOrdered) {
  const Timed run = timed("tsc");
  const auto &start = run.session.header.start, &end = run.session.header.end;
  EXPECT_GT(start.uncertainty, 0u);
  EXPECT_GT(end.uncertainty, 0u);
  EXPECT_LT(start.tsc, end.tsc);
  EXPECT_LT(start.monotonic, end.monotonic);
  EXPECT_LT(start.boottime, end.boottime);
  EXPECT_GT(start.realtime, 1500000000ull * 1000000000ull);
  const double raw = static_cast<double>(end.monotonic_raw - start.monotonic_raw);
  EXPECT_NEAR(static_cast<double>(end.monotonic - start.monotonic) / raw, 1.0, 0.005);
  EXPECT_GE(raw, run.told_ns);
}

} // namespace
} // namespace sgperf::test
