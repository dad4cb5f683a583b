// SPDX-License-Identifier: Apache-2.0
// The difference between two looks at a session.
#include "merge/live_interval.h"

#include <gtest/gtest.h>

namespace sgperf::merge {
namespace {

constexpr uint64_t second = 1'000'000'000;

record::SessionSite site(uint32_t id, const char *name, uint32_t kind, uint64_t count, uint64_t total, uint64_t self,
                         uint64_t max = 0) {
  record::SessionSite out;
  out.id = id;
  out.name = name;
  out.flags = kind;
  out.count = count;
  out.total = total;
  out.self = self;
  out.max = max;
  return out;
}

record::SessionPhase phase(uint32_t index, const char *name, uint32_t state, uint64_t t0, uint64_t t1) {
  record::SessionPhase out;
  out.index = index;
  out.name = name;
  out.state = state;
  out.t0 = t0;
  out.t1 = t1;
  return out;
}

// A session on the clock in ns: it started at 100 s of both clocks.
LiveSnapshot look(uint64_t at_s, const char *key = "h-1-1") {
  LiveSnapshot out;
  out.session.key = key;
  out.session.header.timer = SGPERF_TIMER_CLOCK;
  out.session.header.start.monotonic = out.session.header.start.monotonic_raw = 100 * second;
  out.session.header.start.uncertainty = 1;
  out.monotonic_ns = at_s * second;
  return out;
}

TEST(LiveInterval, ScopesAreRatesOfWhatCameSince) {
  LiveSnapshot before = look(110), now = look(112);
  before.session.sites = {site(2, "a::outer", SGPERF_SITE_SCOPE, 10, 1000, 400),
                          site(3, "a::inner", SGPERF_SITE_SCOPE, 10, 600, 600),
                          site(4, "a::idle", SGPERF_SITE_SCOPE, 5, 50, 50)};
  now.session.sites = {
      site(2, "a::outer", SGPERF_SITE_SCOPE, 14, 1800, 600), site(3, "a::inner", SGPERF_SITE_SCOPE, 18, 1200, 1200),
      site(4, "a::idle", SGPERF_SITE_SCOPE, 5, 50, 50), site(5, "a::new", SGPERF_SITE_SCOPE, 2, 200, 200)};
  const LiveInterval interval = live_interval(&before, now);
  EXPECT_FALSE(interval.since_start);
  EXPECT_DOUBLE_EQ(interval.seconds, 2);
  EXPECT_DOUBLE_EQ(interval.uptime_s, 12);
  ASSERT_EQ(interval.scopes.size(), 3u); // not the idle one
  EXPECT_EQ(interval.scopes[0].name, "a::inner");
  EXPECT_EQ(interval.scopes[0].calls, 8u);
  EXPECT_EQ(interval.scopes[0].calls_so_far, 18u);
  EXPECT_DOUBLE_EQ(interval.scopes[0].calls_per_s, 4);
  EXPECT_DOUBLE_EQ(interval.scopes[0].share, 0.6);
  EXPECT_EQ(interval.scopes[1].name, "a::outer");
  EXPECT_DOUBLE_EQ(interval.scopes[1].self, 200);
  EXPECT_DOUBLE_EQ(interval.scopes[1].average, 200); // of all inside
  EXPECT_EQ(interval.scopes[2].calls, 2u);
}

TEST(LiveInterval, WithoutAnEarlierLookItIsEverything) {
  LiveSnapshot now = look(104), other = look(103, "h-1-0");
  now.session.sites = {site(2, "a", SGPERF_SITE_SCOPE, 8, 80, 80)};
  other.session.sites = {site(2, "b", SGPERF_SITE_SCOPE, 7, 70, 70)};
  // The session of what the process was before it executed this program is none of its own.
  for (const LiveSnapshot *before :
       {static_cast<const LiveSnapshot *>(nullptr), static_cast<const LiveSnapshot *>(&other)}) {
    const LiveInterval interval = live_interval(before, now);
    EXPECT_TRUE(interval.since_start);
    EXPECT_DOUBLE_EQ(interval.seconds, 4);
    ASSERT_EQ(interval.scopes.size(), 1u);
    EXPECT_EQ(interval.scopes[0].calls, 8u);
    EXPECT_DOUBLE_EQ(interval.scopes[0].calls_per_s, 2);
  }
}

TEST(LiveInterval, CountersAndGauges) {
  LiveSnapshot before = look(110), now = look(114);
  before.session.sites = {site(2, "b", SGPERF_SITE_COUNTER, 2, 100, 0), site(3, "a", SGPERF_SITE_GAUGE, 1, 0, 0, 5)};
  now.session.sites = {site(2, "b", SGPERF_SITE_COUNTER, 10, 500, 0), site(3, "a", SGPERF_SITE_GAUGE, 3, 0, 0, 9)};
  const LiveInterval interval = live_interval(&before, now);
  ASSERT_EQ(interval.counters.size(), 2u);
  EXPECT_TRUE(interval.counters[0].gauge);
  EXPECT_EQ(interval.counters[0].last, 9u);
  EXPECT_EQ(interval.counters[0].updates, 2u);
  EXPECT_DOUBLE_EQ(interval.counters[1].updates_per_s, 2);
  EXPECT_DOUBLE_EQ(interval.counters[1].per_s, 100);
  EXPECT_EQ(interval.counters[1].last, 500u);
}

// A slot is read in the middle of an event.
TEST(LiveInterval, ATornSumIsNotANegativeOne) {
  LiveSnapshot before = look(110), now = look(111);
  before.session.sites = {site(2, "a", SGPERF_SITE_SCOPE, 10, 1000, 1000)};
  now.session.sites = {site(2, "a", SGPERF_SITE_SCOPE, 11, 990, 990)};
  const LiveInterval interval = live_interval(&before, now);
  ASSERT_EQ(interval.scopes.size(), 1u);
  EXPECT_EQ(interval.scopes[0].self, 0);
  EXPECT_EQ(interval.scopes[0].average, 0);
  EXPECT_EQ(interval.scopes[0].share, 0);
}

TEST(LiveInterval, PhasesSoFarAndThoseThatEnded) {
  LiveSnapshot before = look(110), now = look(112);
  before.session.phases = {phase(0, "compile", 2, 100 * second, 101 * second), phase(1, "execute", 1, 102 * second, 0)};
  now.session.phases = {phase(0, "compile", 2, 100 * second, 101 * second),
                        phase(1, "execute", 2, 102 * second, 111 * second),
                        phase(2, "call", 3, 111 * second, 112 * second), phase(3, "execute", 1, 111 * second, 0)};
  now.session.sites = {site(7, "execute", SGPERF_SITE_PHASE, 0, 0, 0)};
  now.session.header.phase_now = 7;
  const LiveInterval interval = live_interval(&before, now);
  EXPECT_EQ(interval.phase, "execute");
  ASSERT_EQ(interval.phases.size(), 3u);
  EXPECT_EQ(interval.phases[1].name, "execute");
  EXPECT_EQ(interval.phases[1].times, 1u);
  EXPECT_EQ(interval.phases[1].open, 1u);
  EXPECT_DOUBLE_EQ(interval.phases[1].total, 10e9); // 9 s, and 1 s so far
  ASSERT_EQ(interval.ended.size(), 2u);
  EXPECT_EQ(interval.ended[0].name, "execute");
  EXPECT_DOUBLE_EQ(interval.ended[0].duration, 9e9);
  EXPECT_EQ(interval.ended[1].name, "call");
  EXPECT_TRUE(interval.ended[1].aborted);
}

TEST(LiveInterval, ThreadsThatLiveAndThatEnded) {
  LiveSnapshot before = look(110), now = look(111);
  before.session.threads = {
      {10, SGPERF_BLOCK_LIVE, 1, "main"}, {11, SGPERF_BLOCK_LIVE, 1, "worker"}, {12, SGPERF_BLOCK_EXITED, 1, "early"}};
  now.session.threads = {{10, SGPERF_BLOCK_LIVE, 1, "main"},
                         {11, SGPERF_BLOCK_EXITED, 1, "worker"},
                         {12, SGPERF_BLOCK_EXITED, 1, "early"},
                         {13, SGPERF_BLOCK_LIVE, 1, "next"}};
  const LiveInterval interval = live_interval(&before, now);
  EXPECT_EQ(interval.threads, 2u);
  ASSERT_EQ(interval.ended.size(), 1u);
  EXPECT_TRUE(interval.ended[0].thread);
  EXPECT_EQ(interval.ended[0].tid, 11u);
}

// Its end is when it ended, not when that was seen.
TEST(LiveInterval, OfASessionThatExited) {
  LiveSnapshot before = look(110), now = look(120);
  now.state = record::SessionState::exited;
  now.session.header.end.monotonic = 112 * second;
  now.session.header.end.uncertainty = 1;
  now.session.phases = {phase(0, "execute", 1, 102 * second, 0)};
  const LiveInterval interval = live_interval(&before, now);
  EXPECT_DOUBLE_EQ(interval.seconds, 2);
  EXPECT_DOUBLE_EQ(interval.uptime_s, 12);
  EXPECT_DOUBLE_EQ(interval.phases[0].total, 10e9);
}

// Nothing is converted that cannot be.
TEST(LiveInterval, TicksOfAnotherMachineStayTicks) {
  LiveSnapshot now = look(110);
  now.session.header.timer = SGPERF_TIMER_TSC;
  now.session.sites = {site(2, "a", SGPERF_SITE_SCOPE, 2, 100, 60)};
  const LiveInterval interval = live_interval(nullptr, now);
  ASSERT_EQ(interval.scopes.size(), 1u);
  EXPECT_EQ(interval.scopes[0].unit, Unit::ticks);
  EXPECT_DOUBLE_EQ(interval.scopes[0].self, 60);
}

} // namespace
} // namespace sgperf::merge
