// SPDX-License-Identifier: Apache-2.0
// Counters of phases: software events, which every machine has, in real processes; the arithmetic of hardware ones on
// pages made up here.
#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "libsgperf/fixture.h"
#include "libsgperf/places.h"
#include "libsgperf/pmc_page.h"

namespace sgperf::test {
namespace {

class PhasePmc : public Libsgperf {
protected:
  void SetUp() override {
    Libsgperf::SetUp();
    if (under_seccomp_filter()) GTEST_SKIP() << "a seccomp filter is on: the library opens none";
    struct perf_event_attr attr = {};
    attr.size = sizeof attr;
    attr.type = PERF_TYPE_SOFTWARE;
    attr.config = PERF_COUNT_SW_PAGE_FAULTS;
    attr.exclude_kernel = 1;
    const long fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (fd < 0) GTEST_SKIP() << "perf_event_open is not allowed here: " << strerror(errno);
    close(static_cast<int>(fd));
  }
  void run_with(const std::string &events, const std::string &how) {
    options_.env.push_back("SGPERF_PHASE_PMC=" + events);
    result_ = run_ok("phase_pmcs", {how});
    if (session_files(dir()).size() == 1) session_ = session();
  }
  long said(const std::string &name) const { return value_of(result_.out, name); }
  sgperf_phase_record phase(const std::string &name) const {
    const auto found = session_.phases_named(name);
    EXPECT_FALSE(found.empty()) << name;
    return found.empty() ? sgperf_phase_record{} : found[0];
  }
  // Event n of a phase, which must be valid and not multiplexed.
  uint64_t count(const std::string &name, int n) const {
    const auto p = phase(name);
    EXPECT_TRUE(p.pmc_flags >> n & 1) << name << " event " << n << "; note: " << session_.header.note;
    EXPECT_FALSE(p.pmc_flags >> (8 + n) & 1) << name << ": software events are never multiplexed";
    return p.pmc[n];
  }
  Result result_;
  Session session_;
};

TEST_F(PhasePmc, CountsWhatTheThreadDid) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root: context-switches are counted in the kernel";
  run_with("page-faults,task-clock,context-switches,minor-faults:u", "counts");
  EXPECT_EQ(said("feature"), 1);
  EXPECT_STREQ(session_.header.pmc_names[0], "page-faults");
  EXPECT_STREQ(session_.header.pmc_names[3], "minor-faults:u");
  EXPECT_STREQ(session_.header.pmc_names[4], "");
  EXPECT_STREQ(session_.header.note, "");
  for (const int32_t error : session_.header.pmc_errors) EXPECT_EQ(error, 0);
  const uint64_t sanitizer = SGPERF_TEST_SANITIZED ? 4000 : 50; // its shadow memory
  EXPECT_GE(count("touch", 0), 1000u);
  EXPECT_LE(count("touch", 0), 1000u + sanitizer);
  EXPECT_LE(count("touch", 3), count("touch", 0));
  EXPECT_GE(count("sleep", 2), 20u);
  EXPECT_LE(count("sleep", 0), sanitizer);
  EXPECT_GE(count("compute", 1), 1000000u) << "task-clock in ns";
  EXPECT_GE(count("touch", 1), 50000u) << "1000 faults, though the thread was not switched in between";
  const auto compute = phase("compute");
  EXPECT_LE(static_cast<double>(compute.pmc[1]), session_.ns(compute.t1 - compute.t0) * 1.01 + 1e5);
  EXPECT_LE(static_cast<double>(phase("sleep").pmc[1]), session_.ns(phase("sleep").t1 - phase("sleep").t0) * 0.9);
  // The second thread has counters of its own, and its work is not in the phase around it.
  EXPECT_GE(count("thread", 0), 3000u);
  EXPECT_GE(count("outer", 0), count("touch", 0));
  EXPECT_LT(count("outer", 0), count("touch", 0) + 1500);
}

TEST_F(PhasePmc, AnEventThatIsNotThereIsNotAZero) {
  run_with("page-faults,cycles,no-such-event,instructions:u,task-clock:u", "counts");
  EXPECT_EQ(said("feature"), 1);
  EXPECT_STREQ(session_.header.pmc_names[2], "instructions:u") << "what is unknown has no place";
  const std::string note = session_.header.note;
  EXPECT_NE(note.find("no-such-event: no such event"), std::string::npos) << note;
  const auto touch = phase("touch");
  EXPECT_TRUE(touch.pmc_flags & 1u);
  EXPECT_FALSE(touch.pmc_flags & 8u) << "task-clock has no user part";
  EXPECT_EQ(session_.header.pmc_errors[3], EINVAL);
  for (const int n : {1, 2}) {
    const bool counted = touch.pmc_flags >> n & 1;
    EXPECT_EQ(session_.header.pmc_errors[n] != 0, !counted) << session_.header.pmc_names[n];
    if (counted) {
      EXPECT_GT(touch.pmc[n], 1000u) << "a machine with a PMU";
    } else {
      EXPECT_EQ(touch.pmc[n], 0u);
    }
  }
}

TEST_F(PhasePmc, TheNoteSaysWhyThereAreNone) {
  run_with("cycles", "counts");
  if (said("feature") == 1) GTEST_SKIP() << "this machine has a PMU";
  const std::string note = session_.header.note;
  EXPECT_EQ(note.rfind("phase counters: cycles: E", 0), 0u) << note;
  EXPECT_NE(session_.header.pmc_errors[0], 0);
  for (const auto &p : session_.phases) EXPECT_EQ(p.pmc_flags, 0u);
  EXPECT_EQ(said("descriptors"), 0);
}

TEST_F(PhasePmc, WithoutPrivilegeTheKernelsPartIsLeftOutAndSaidSo) {
  SKIP_WITHOUT_ROOT("becomes another user");
  if (atoi(read_file("/proc/sys/kernel/perf_event_paranoid").c_str()) != 2)
    GTEST_SKIP() << "perf_event_paranoid is not 2 here: others may count all, or nothing";
  ASSERT_EQ(chown(dir().c_str(), 65534, 65534), 0);
  ASSERT_EQ(chmod(cwd_.path().c_str(), 0755), 0);
  options_.in_child = [] {
    if (setgid(65534) != 0 || setuid(65534) != 0) child_failed("setuid");
  };
  if (run({program("phase_pmcs")}, options_).exit_code == 127) GTEST_SKIP() << "another user cannot reach this build";
  for (const auto &file : session_files(dir())) std::filesystem::remove(file);
  run_with("page-faults,context-switches,task-clock", "counts");
  EXPECT_STREQ(session_.header.pmc_names[0], "page-faults:u");
  EXPECT_STREQ(session_.header.pmc_names[1], "context-switches");
  EXPECT_STREQ(session_.header.pmc_names[2], "task-clock") << "time has no kernel part that could be left out";
  EXPECT_EQ(session_.header.pmc_errors[1], EACCES);
  EXPECT_EQ(phase("sleep").pmc_flags, 5u) << "not 0 switches";
  EXPECT_GE(count("touch", 0), 1000u);
  EXPECT_STREQ(session_.header.note, "phase counters: :u only (perf_event_paranoid); context-switches: EACCES: "
                                     "perf_event_paranoid > 1");
}

TEST_F(PhasePmc, NotAskedForNotThere) {
  result_ = run_ok("phase_pmcs", {"counts"});
  session_ = session();
  EXPECT_EQ(said("feature"), 0);
  EXPECT_EQ(said("open"), 0);
  EXPECT_STREQ(session_.header.note, "");
  EXPECT_STREQ(session_.header.pmc_names[0], "");
  for (const auto &p : session_.phases) EXPECT_EQ(p.pmc_flags, 0u);
}

TEST_F(PhasePmc, APhaseThatEndsOnAnotherThreadHasNone) {
  run_with("page-faults", "moved");
  EXPECT_EQ(phase("moved").ready, 2u);
  EXPECT_EQ(phase("moved").pmc_flags, 0u);
  EXPECT_GE(count("first", 0), 500u);
}

TEST_F(PhasePmc, DescriptorsEndWithTheirThread) {
  run_with("page-faults,minor-faults", "threads");
  EXPECT_EQ(said("open"), 2);
  EXPECT_EQ(said("descriptors"), 2) << "those of the main thread";
  const auto all = session_.phases_named("thread");
  ASSERT_EQ(all.size(), 40u);
  for (const auto &p : all) {
    EXPECT_EQ(p.pmc_flags, 3u);
    EXPECT_GE(p.pmc[0], 3000u);
  }
}

TEST_F(PhasePmc, AChildHasNoneAndTheParentStaysExact) {
  run_with("page-faults", "fork");
  EXPECT_EQ(said("child_descriptors"), 0);
  EXPECT_EQ(said("child_descriptors_in_phase"), 0) << "a detached child opens none";
  EXPECT_EQ(said("descriptors"), 1);
  EXPECT_GE(count("after", 0), 500u);
  EXPECT_LT(count("after", 0), 1000u + (SGPERF_TEST_SANITIZED ? 2000 : 0));
}

TEST_F(PhasePmc, AFollowedChildHasItsOwn) {
  options_.env.push_back("SGPERF_FORK=follow");
  run_with("page-faults", "fork");
  EXPECT_EQ(said("child_descriptors"), 0);
  EXPECT_EQ(said("child_descriptors_in_phase"), 1);
  const auto files = session_files(dir());
  ASSERT_EQ(files.size(), 2u);
  int children = 0;
  for (const auto &file : files) {
    session_ = read_session(file);
    EXPECT_STREQ(session_.header.pmc_names[0], "page-faults");
    if (session_.phases_named("child").empty()) continue;
    children++;
    EXPECT_GE(count("child", 0), 500u);
  }
  EXPECT_EQ(children, 1);
}

TEST_F(PhasePmc, AHostThatClosesEverythingIsNotHarmed) {
  run_with("page-faults,task-clock", "close_all");
  ASSERT_GT(said("highest"), 130) << "the pipes have taken the numbers of the counters";
  EXPECT_EQ(said("intact"), 200);
  EXPECT_EQ(said("descriptors"), 0);
  EXPECT_GE(count("first", 0), 500u);
  EXPECT_EQ(phase("after").ready, 2u);
  EXPECT_EQ(phase("after").pmc_flags, 0u);
  const std::string note = session_.header.note;
  EXPECT_NE(note.find("the program closed their descriptors"), std::string::npos) << note;
}

TEST_F(PhasePmc, LowNumbersStayTheHosts) {
  run_with("page-faults", "low");
  EXPECT_EQ(said("open"), 1);
  EXPECT_EQ(said("next"), 0);
  EXPECT_GE(count("first", 0), 500u);
}

TEST_F(PhasePmc, NothingUnderSeccomp) {
  SKIP_WHEN_SANITIZED("its runtime makes calls of its own");
  run_with("page-faults", "filter");
  EXPECT_EQ(said("open"), 1);
  EXPECT_EQ(said("descriptors"), 0);
  EXPECT_GE(count("first", 0), 500u);
  EXPECT_EQ(phase("across").ready, 2u);
  EXPECT_EQ(phase("across").pmc_flags, 0u);
  EXPECT_EQ(phase("filtered").pmc_flags, 0u);
}

TEST_F(PhasePmc, DetachingClosesThem) {
  run_with("page-faults,minor-faults", "detach");
  EXPECT_EQ(said("open"), 2);
  EXPECT_EQ(said("descriptors"), 0);
}

// ---- arithmetic ----

uint64_t counter_value, tsc_value;
uint32_t counter_asked;
perf_event_mmap_page *changing; // its lock moves during the first reads
int changes;

uint64_t fake_rdpmc(uint32_t counter) {
  counter_asked = counter;
  if (changing && changes > 0) {
    --changes;
    changing->lock += 2;
    changing->offset += 1000; // what was read before does not belong to what comes after
  }
  return counter_value;
}
uint64_t fake_rdtsc() {
  return tsc_value;
}
const sgp_counter_instructions fake{fake_rdpmc, fake_rdtsc};

class PmcPage : public testing::Test {
protected:
  void SetUp() override {
    changing = nullptr;
    page_.lock = 8;
    page_.index = 3;
    page_.pmc_width = 48;
    page_.offset = int64_t{1} << 47;
    page_.cap_user_rdpmc = 1;
    page_.cap_user_time = 1;
  }
  perf_event_mmap_page page_{};
  uint64_t count_ = 0, enabled_ = 0, running_ = 0;
};

TEST_F(PmcPage, CountersAreSignExtended) {
  counter_value = (uint64_t{1} << 47) + 5; // 48 bits: -2^47 + 5
  ASSERT_TRUE(sgp_page_count(&page_, &fake, &count_));
  EXPECT_EQ(count_, 5u);
  EXPECT_EQ(counter_asked, 2u) << "index counts from 1";
  counter_value = 7;
  ASSERT_TRUE(sgp_page_count(&page_, &fake, &count_));
  EXPECT_EQ(count_, (uint64_t{1} << 47) + 7);
  page_.pmc_width = 64;
  counter_value = UINT64_MAX;
  ASSERT_TRUE(sgp_page_count(&page_, &fake, &count_));
  EXPECT_EQ(count_, (uint64_t{1} << 47) - 1);
}

TEST_F(PmcPage, WithoutCounterOrPermissionTheKernelIsAsked) {
  page_.index = 0;
  EXPECT_FALSE(sgp_page_count(&page_, &fake, &count_));
  page_.index = 1;
  page_.cap_user_rdpmc = 0;
  EXPECT_FALSE(sgp_page_count(&page_, &fake, &count_));
  page_.cap_user_rdpmc = 1;
  page_.pmc_width = 0;
  EXPECT_FALSE(sgp_page_count(&page_, &fake, &count_));
  page_.cap_user_time = 0;
  EXPECT_FALSE(sgp_page_times(&page_, &fake, &enabled_, &running_));
}

TEST_F(PmcPage, AReadThatWasInterruptedIsRepeated) {
  page_.offset = 0;
  counter_value = 5;
  changing = &page_;
  changes = 3;
  ASSERT_TRUE(sgp_page_count(&page_, &fake, &count_));
  EXPECT_EQ(count_, 3005u);
  changes = 1000;
  EXPECT_FALSE(sgp_page_count(&page_, &fake, &count_)) << "and not for ever";
}

TEST_F(PmcPage, TimesAreScaledWithoutOverflow) {
  page_.time_enabled = 1000;
  page_.time_running = 400;
  page_.time_shift = 32;
  page_.time_mult = 1u << 31;          // half a ns a tick
  tsc_value = (uint64_t{1} << 60) + 6; // 64-bit product would overflow
  page_.time_offset = 0 - (uint64_t{1} << 59);
  ASSERT_TRUE(sgp_page_times(&page_, &fake, &enabled_, &running_));
  EXPECT_EQ(enabled_, 1003u);
  EXPECT_EQ(running_, 403u);
  page_.index = 0; // not on a counter: it is not running
  ASSERT_TRUE(sgp_page_times(&page_, &fake, &enabled_, &running_));
  EXPECT_EQ(enabled_, 1003u);
  EXPECT_EQ(running_, 400u);
}

TEST_F(PmcPage, ShortClocks) {
  page_.cap_user_time_short = 1;
  page_.time_mask = 0xffff;
  page_.time_cycles = 0x1fff0;
  page_.time_shift = 0;
  page_.time_mult = 1;
  tsc_value = 0x0004; // has wrapped at 16 bits: 0x14 after time_cycles
  ASSERT_TRUE(sgp_page_times(&page_, &fake, &enabled_, &running_));
  EXPECT_EQ(enabled_, 0x20004u);
}

TEST(PmcDifference, ScalesAndNeverInventsAZero) {
  uint64_t value = 99;
  sgp_reading before{1000, 50, 50}, after{1500, 150, 150};
  EXPECT_EQ(sgp_reading_difference(&before, &after, &value), SGP_COUNTED);
  EXPECT_EQ(value, 500u);
  after.running = 75; // a quarter of the time
  EXPECT_EQ(sgp_reading_difference(&before, &after, &value), SGP_SCALED);
  EXPECT_EQ(value, 2000u);
  value = 99;
  after.running = 50;
  EXPECT_EQ(sgp_reading_difference(&before, &after, &value), SGP_NOT_COUNTED);
  EXPECT_EQ(value, 99u);
}

} // namespace
} // namespace sgperf::test
