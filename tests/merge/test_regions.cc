// SPDX-License-Identifier: Apache-2.0
// Which phase and scope: by time against a session's phases, and by the tag that a probe read.
#include "merge/regions.h"

#include <gtest/gtest.h>

namespace sgperf::merge {
namespace {

constexpr uint64_t zero = 1'000'000; // of the session's clock, when CLOCK_MONOTONIC was 5'000'000
uint64_t at(uint64_t moment) {
  return 5'000'000 + moment;
}

record::Session session(uint32_t pid) {
  record::Session out;
  out.header.pid = pid;
  out.header.timer = SGPERF_TIMER_CLOCK;
  out.header.start.monotonic = 5'000'000;
  out.header.start.monotonic_raw = zero;
  out.header.start.uncertainty = 1;
  return out;
}
void phase(record::Session &session, const char *name, uint32_t tid, uint64_t begin, uint64_t end) {
  record::SessionPhase one;
  one.name = name;
  one.tid = tid;
  one.t0 = zero + begin;
  one.t1 = end ? zero + end : 0;
  session.phases.push_back(one);
}
void site(record::Session &session, uint32_t id, const char *name) {
  record::SessionSite one;
  one.id = id;
  one.name = name;
  session.sites.push_back(one);
}
std::string phase_at(Regions &regions, uint32_t pid, uint32_t tid, uint64_t time) {
  return regions.phases().at(regions.at(pid, tid, time).phase);
}

TEST(Regions, TheThreadsOwnInnermostPhaseElseTheProcess) {
  record::Session one = session(7);
  phase(one, "compile", 7, 100, 200);
  phase(one, "parse", 7, 120, 150);
  phase(one, "execute", 7, 200, 400);
  phase(one, "worker", 8, 250, 300);
  Regions regions;
  regions.add(one);
  EXPECT_EQ(phase_at(regions, 7, 7, at(99)), "");
  EXPECT_EQ(phase_at(regions, 7, 7, at(100)), "compile");
  EXPECT_EQ(phase_at(regions, 7, 7, at(120)), "parse");
  EXPECT_EQ(phase_at(regions, 7, 7, at(150)), "compile") << "the inner one is over, the outer one goes on";
  EXPECT_EQ(phase_at(regions, 7, 7, at(200)), "execute") << "an end and a begin at one moment";
  EXPECT_EQ(phase_at(regions, 7, 7, at(260)), "execute") << "its own, not the later one of another thread";
  EXPECT_EQ(phase_at(regions, 7, 8, at(260)), "worker");
  EXPECT_EQ(phase_at(regions, 7, 9, at(260)), "worker") << "a thread without phases: the process's, begun last";
  EXPECT_EQ(phase_at(regions, 7, 9, at(310)), "execute");
  EXPECT_EQ(phase_at(regions, 7, 8, at(310)), "execute") << "its own are over";
  EXPECT_EQ(phase_at(regions, 7, 7, at(400)), "");
  EXPECT_EQ(phase_at(regions, 8, 7, at(260)), "") << "another process";
}

TEST(Regions, PhasesThatNeverEnded) {
  record::Session killed = session(7), ended = session(8), unknown = session(9);
  phase(killed, "open", 7, 100, 0);
  phase(ended, "open", 8, 100, 0);
  ended.header.end.monotonic = at(500);
  ended.header.end.uncertainty = 1;
  phase(unknown, "open", 9, 100, 0);
  unknown.header.start.uncertainty = 0;
  Regions regions;
  for (const auto *one : {&killed, &ended, &unknown}) regions.add(*one);
  EXPECT_EQ(phase_at(regions, 7, 7, at(1'000'000'000)), "open");
  EXPECT_EQ(phase_at(regions, 8, 8, at(499)), "open");
  EXPECT_EQ(phase_at(regions, 8, 8, at(500)), "") << "the program ended in it";
  EXPECT_EQ(phase_at(regions, 9, 9, at(200)), "") << "its times cannot be told";
}

TEST(Regions, TagsAreNamesOfTheSessionOfThatTime) {
  record::Session first = session(7), second = session(7);
  site(first, 1, "(other sites)");
  site(first, 2, "threei::make_syscall");
  site(first, 3, "execute");
  site(second, 2, "another::scope"); // the process called exec
  second.header.start.monotonic = at(1000);
  phase(first, "by time", 7, 100, 900);
  Regions regions;
  regions.add(second);
  regions.add(first);
  const auto names = [&](const Regions::Region &region) {
    return regions.phases().at(region.phase) + "/" + regions.scopes().at(region.scope);
  };
  EXPECT_EQ(names(regions.tagged(7, 7, at(200), 3, 2)), "execute/threei::make_syscall");
  EXPECT_EQ(names(regions.tagged(7, 7, at(200), 0, 2)), "by time/threei::make_syscall");
  EXPECT_EQ(names(regions.tagged(7, 7, at(200), 0x80000003u, 2)), "teardown/threei::make_syscall") << "by a breakpoint";
  EXPECT_EQ(names(regions.tagged(7, 7, at(200), 0x80000009u, 0)), "by time/") << "no such number";
  EXPECT_EQ(names(regions.named(7, 0, UINT64_MAX, 0x80000001u, 0)), "instantiate/");
  EXPECT_EQ(names(regions.tagged(7, 7, at(200), 4, 77)), "by time/") << "no such sites";
  EXPECT_EQ(names(regions.tagged(7, 7, at(2000), 0, 2)), "/another::scope");
  EXPECT_EQ(names(regions.tagged(9, 9, at(200), 3, 2)), "/") << "a process without a session";
}

// Before the library is in a program and after its end, its hooks' phases go on; what another program of the process
// did is none of them.
TEST(Regions, EdgesOfAProgram) {
  record::Session one = session(7);
  one.header.start.monotonic = at(100);
  one.header.start.monotonic_raw = zero + 100;
  one.header.end.monotonic = at(500);
  one.header.end.uncertainty = 1;
  phase(one, "start-up", 7, 100, 300);
  phase(one, "teardown", 7, 300, 500);
  for (auto &phase : one.phases) phase.process = true;
  Regions regions;
  regions.add_images({{7, 1, 0, at(10), "/bin/sh", {}}, {7, 1, 1, at(90), "/bin/runtime", {}}});
  regions.add(one);
  EXPECT_EQ(phase_at(regions, 7, 7, at(50)), "") << "the shell";
  EXPECT_EQ(phase_at(regions, 7, 7, at(95)), "start-up");
  EXPECT_EQ(phase_at(regions, 7, 7, at(400)), "teardown");
  EXPECT_EQ(phase_at(regions, 7, 7, at(501)), "teardown");
  EXPECT_EQ(phase_at(regions, 8, 8, at(95)), "");
}

// A phase a request, and a sample in each: the bound is 20 times what it takes here.
TEST(Regions, ManyPhasesAreNotSlow) {
  record::Session one = session(7);
  constexpr uint64_t n = 100000;
  for (uint64_t i = 0; i < n; ++i) phase(one, i % 2 ? "odd" : "even", 7, 1 + i * 10, 9 + i * 10);
  Regions regions;
  regions.add(one);
  uint64_t odd = 0;
  for (uint64_t i = 0; i < n; ++i) odd += phase_at(regions, 7, 7, at(5 + i * 10)) == "odd";
  EXPECT_EQ(odd, n / 2);
  EXPECT_EQ(regions.phases().size(), 3u);
}

} // namespace
} // namespace sgperf::merge
