// SPDX-License-Identifier: Apache-2.0
// The code that reads hardware counters, on software events, which every kernel has.
#include "run/measures/meter.h"

#include "support/process.h"

#include <gtest/gtest.h>
#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

namespace sgperf::run {
namespace {

PerfEvent software(const char *name, uint64_t config) {
  return {name, "", PERF_TYPE_SOFTWARE, config, false, false};
}

void spin(uint64_t ns) {
  for (const uint64_t begin = monotonic_ns(); monotonic_ns() - begin < ns;) {
  }
}

#define SKIP_UNLESS_OPEN(group)                                                                                        \
  if (!(group).open()) GTEST_SKIP() << (group).reasons().front()

// One interval of a group over 5 ms of work and 64 page faults.
std::vector<PerfGroup::Count> work_and_fault(const PerfGroup &group, size_t pages) {
  GroupReading begin, end;
  group.read(begin);
  spin(5000000);
  auto *memory =
      static_cast<char *>(mmap(nullptr, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if (memory == MAP_FAILED) return {};
  madvise(memory, pages * 4096, MADV_NOHUGEPAGE);
  for (size_t i = 0; i < pages; ++i) *static_cast<volatile char *>(memory + i * 4096) = 1;
  group.read(end);
  munmap(memory, pages * 4096);
  return group.difference(begin, end);
}

TEST(PerfGroup, FourEventsAreReadTogether) {
  const PerfGroup group({software("a", PERF_COUNT_SW_TASK_CLOCK), software("b", PERF_COUNT_SW_PAGE_FAULTS),
                         software("c", PERF_COUNT_SW_CPU_CLOCK), software("d", PERF_COUNT_SW_CONTEXT_SWITCHES)});
  SKIP_UNLESS_OPEN(group);
  constexpr size_t pages = 64;
  // Linux 6.18: behind a task clock, software events of the same group count nothing until the task has been switched
  // out once (0 in 40 of 60 programs that read at once, in none of 60 that sleep first; led by the faults: in none).
  usleep(1000);
  // A machine that is stolen from gives a 5 ms spin less than 2 ms of CPU now and then: one undisturbed try of five.
  std::vector<PerfGroup::Count> counts;
  for (int attempt = 0; attempt < 5; ++attempt) {
    counts = work_and_fault(group, pages);
    if (counts.size() == 4 && counts[0].value >= 2e6 && counts[1].value >= static_cast<double>(pages)) break;
  }
  ASSERT_EQ(counts.size(), 4u);
  EXPECT_EQ(counts[0].name, "a");
  EXPECT_GE(counts[0].value, 2e6);
  EXPECT_GE(counts[1].value, static_cast<double>(pages));
  EXPECT_LT(counts[1].value, 2.0 * pages);
  for (const auto &count : counts) EXPECT_EQ(count.running, 1.0);
}

TEST(PerfGroup, ThreadsThatStartLaterAreCounted) {
  const PerfGroup group({software("clock", PERF_COUNT_SW_TASK_CLOCK)});
  SKIP_UNLESS_OPEN(group);
  GroupReading begin, end;
  group.read(begin);
  std::thread([] { spin(20000000); }).join();
  group.read(end);
  const auto counts = group.difference(begin, end);
  ASSERT_EQ(counts.size(), 1u);
  EXPECT_GE(counts[0].value, 5e6);
}

TEST(PerfGroup, AFifthEventIsRefused) {
  std::vector<PerfEvent> five(5, software("x", PERF_COUNT_SW_PAGE_FAULTS));
  const PerfGroup group(five);
  SKIP_UNLESS_OPEN(group);
  EXPECT_NE(group.reasons()[4], "");
}

TEST(PerfGroup, NeverScheduledIsNotZero) {
  const PerfGroup group({software("x", PERF_COUNT_SW_PAGE_FAULTS)});
  GroupReading begin, end;
  begin.valid = end.valid = true;
  begin.enabled = 100, end.enabled = 1000; // enabled, but never on the counter
  EXPECT_TRUE(group.difference(begin, end).empty());
  EXPECT_TRUE(group.difference(GroupReading{}, end).empty());
}

TEST(PerfGroup, MultiplexedIsScaledAndMarked) {
  const PerfGroup group({software("x", PERF_COUNT_SW_PAGE_FAULTS)});
  SKIP_UNLESS_OPEN(group);
  GroupReading begin, end;
  begin.valid = end.valid = true;
  begin.enabled = 0, end.enabled = 1000, begin.running = 0, end.running = 250, end.values[0] = 10;
  const auto counts = group.difference(begin, end);
  ASSERT_EQ(counts.size(), 1u);
  EXPECT_DOUBLE_EQ(counts[0].value, 40);
  EXPECT_DOUBLE_EQ(counts[0].running, 0.25);
}

TEST(PerfGroup, AnEventThatDoesNotExistSaysWhyAndTheOthersCount) {
  PerfEvent wrong = software("wrong", 0xfff0);
  const PerfGroup group({wrong, software("right", PERF_COUNT_SW_TASK_CLOCK)});
  SKIP_UNLESS_OPEN(group);
  EXPECT_NE(group.reasons()[0], "");
  GroupReading begin, end;
  group.read(begin);
  spin(1000000);
  group.read(end);
  const auto counts = group.difference(begin, end);
  ASSERT_EQ(counts.size(), 1u);
  EXPECT_EQ(counts[0].name, "right");
}

TEST(PerfGroup, HardwareGroupsHoldFourAtMost) {
  const auto groups = hardware_groups(all_measures());
  size_t events = 0;
  for (const auto &group : groups) {
    EXPECT_LE(group.size(), max_group_events);
    events += group.size();
    for (const PerfEvent &e : group) EXPECT_NE(e.exclude_user, e.exclude_kernel) << e.name;
  }
  EXPECT_EQ(events, 10u);
}

TEST(PerfGroup, ClosesWhatItOpened) {
  const auto before = test::open_fds();
  { const Meter meter(all_measures(), 1, true); }
  EXPECT_EQ(test::open_fds(), before);
}

TEST(Meter, MeasuresBracketEachOther) {
  const double scale = measure_ns_per_tick(20);
  if (scale == 0) GTEST_SKIP() << "no invariant TSC";
  const Meter alone({"tsc_ticks"}, scale, false), all(all_measures(), scale, true);
  EXPECT_TRUE(alone.only_ticks());
  EXPECT_FALSE(all.only_ticks());
  // An empty region seen by the counter costs the same whatever else is read around it, since it is innermost.
  const auto shortest = [](const Meter &meter) {
    uint64_t best = ~0ull;
    for (int i = 0; i < 2000; ++i) {
      Boundary begin, end;
      meter.begin(begin);
      meter.end(end);
      best = std::min(best, end.tsc - begin.tsc);
    }
    return best;
  };
  EXPECT_LE(shortest(all), shortest(alone) + 150);
}

TEST(Meter, CpuTimeOfThreadsAndChildren) {
  const Meter meter({"task_clock_ns", "user_ns", "system_ns"}, 0, false);
  Boundary begin, end;
  meter.begin(begin);
  std::thread([] { spin(30000000); }).join();
  if (const pid_t child = fork(); child == 0) {
    spin(30000000);
    _exit(0);
  } else {
    waitpid(child, nullptr, 0);
  }
  meter.end(end);
  std::map<std::string, double> values, running;
  meter.difference(begin, end, values, running);
  EXPECT_GE(values["task_clock_ns"], 20e6); // 60 ms of wall time, on a machine that may be busy
  EXPECT_EQ(values.count("tsc_ticks"), 0u);
}

TEST(Meter, WallWithoutACounter) {
  const Meter meter({"wall_ns", "tsc_ticks"}, 0, false);
  Boundary begin, end;
  meter.begin(begin);
  spin(3000000);
  meter.end(end);
  std::map<std::string, double> values, running;
  meter.difference(begin, end, values, running);
  EXPECT_GE(values["wall_ns"], 3e6);
  EXPECT_EQ(values.count("tsc_ticks"), 0u);
  for (const MeasureState &m : meter.measures())
    if (m.name == "tsc_ticks") {
      EXPECT_FALSE(m.available);
      EXPECT_NE(m.reason, "");
    }
}

TEST(Meter, Names) {
  std::string error;
  EXPECT_EQ(expand_measures({}, error), all_measures());
  EXPECT_EQ(expand_measures({"tsc,wall"}, error), (std::vector<std::string>{"wall_ns", "tsc_ticks"}));
  EXPECT_EQ(expand_measures({"perf"}, error).size(), 10u);
  EXPECT_TRUE(error.empty());
  expand_measures({"weight"}, error);
  EXPECT_NE(error.find("weight"), std::string::npos);
}

} // namespace
} // namespace sgperf::run
