// SPDX-License-Identifier: Apache-2.0
// Samples of programs whose time is spent in known functions.
#include "probes/observed.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <sstream>

using namespace sgperf;
using namespace sgperf::test;

namespace {

struct Range {
  uint64_t begin = 0, end = 0;
  bool has(uint64_t address) const { return begin <= address && address < end; }
};

struct Places {
  Range spin, middle, work;
};

Places places(const Observed &run) {
  Places out;
  std::istringstream text(run.out);
  text >> std::hex >> out.spin.begin >> out.spin.end >> out.middle.begin >> out.middle.end >> out.work.begin >>
      out.work.end;
  return out;
}

uint64_t word_of(const std::string &bytes, size_t n) {
  uint64_t word = 0;
  if (bytes.size() >= n * 8 + 8) memcpy(&word, bytes.data() + n * 8, 8);
  return word;
}

probes::Options with_samples() {
  probes::Options options;
  options.samples = true;
  options.syscalls = true; // the session is known from its first moment
  return options;
}

} // namespace

TEST(Samples, BusyLoop) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  const Observed run = observe({"spins", "user", "1000"}, with_samples(), folder.path());
  ASSERT_EQ(run.error, "");
  ASSERT_EQ(run.status, 0);
  EXPECT_FALSE(run.drops.any()) << run.drops.advice;
  EXPECT_TRUE(run.event == "cycles" || run.event == "cpu-clock") << run.event;
  const Places where = places(run);
  const Session session = only_session(folder.path());
  const auto site = session.site("spins::loop"), phase = phase_number(session, "spin");
  ASSERT_TRUE(site && phase);

  const auto &samples = run.events.samples;
  ASSERT_GT(samples.size(), 500u);
  EXPECT_LT(samples.size(), 1500u);
  size_t user = 0, in_spin = 0, tagged = 0, called = 0, complete = 0;
  uint64_t last = 0;
  for (const TakenSample &sample : samples) {
    EXPECT_EQ(sample.head.header.pid, static_cast<uint32_t>(run.pid));
    EXPECT_GE(sample.head.header.time, last);
    last = sample.head.header.time;
    ASSERT_TRUE(sample.head.flags & SGPERF_SAMPLE_USER);
    ASSERT_FALSE(sample.user.empty());
    EXPECT_EQ(sample.user[0], sample.head.regs[SGPERF_REG_IP]);
    complete += (sample.head.flags & SGPERF_SAMPLE_COMPLETE) != 0;
    if (sample.head.flags & SGPERF_SAMPLE_KERNEL) {
      EXPECT_FALSE(sample.kernel.empty());
      EXPECT_EQ(sample.kernel[0], sample.head.ip);
      continue;
    }
    user++;
    EXPECT_EQ(sample.head.ip, sample.user[0]);
    EXPECT_TRUE(sample.kernel.empty());
    EXPECT_EQ(sample.leaf.size(), size_t{SGPERF_LEAF_BYTES});
    if (!where.spin.has(sample.head.ip)) continue;
    in_spin++;
    tagged += sample.head.tag.site == *site && sample.head.tag.phase == *phase;
    // spin() has no frame: its caller, which the chain of frame pointers misses, is at the stack pointer.  The caller's
    // caller is in the chain.
    called += sample.user.size() > 1 && where.work.has(sample.user[1]) && where.middle.has(word_of(sample.leaf, 0));
  }
  EXPECT_GE(in_spin, user * 95 / 100) << "of " << user << " samples of user space";
  EXPECT_EQ(tagged, in_spin);
  EXPECT_GE(called, in_spin * 99 / 100);
  // Where the chain of frame pointers does not reach the start, stack bytes from its last good frame are there.
  for (const TakenSample &sample : samples) {
    if (sample.head.flags & SGPERF_SAMPLE_COMPLETE) {
      EXPECT_TRUE(sample.chain.empty());
    } else {
      EXPECT_FALSE(sample.chain.empty());
      EXPECT_EQ(sample.chain.size() % 8, 0u);
    }
  }
}

TEST(Samples, Threads) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  probes::Options options = with_samples();
  options.frequency = 499;
  const Observed run = observe({"spins", "threads", "600"}, options, folder.path());
  ASSERT_EQ(run.error, "");
  const Places where = places(run);
  std::map<uint32_t, size_t> by_thread;
  size_t complete = 0, in_spin = 0;
  for (const TakenSample &sample : run.events.samples) {
    if (!where.spin.has(sample.head.ip)) continue;
    in_spin++;
    by_thread[sample.head.header.tid]++;
    complete += (sample.head.flags & SGPERF_SAMPLE_COMPLETE) != 0;
  }
  ASSERT_EQ(by_thread.size(), 2u) << "the threads inherit the event";
  for (const auto &[tid, count] : by_thread) {
    EXPECT_NE(tid, static_cast<uint32_t>(run.pid));
    EXPECT_NEAR(static_cast<double>(count), 300, 100);
  }
  RecordProperty("complete", static_cast<int>(complete));
  EXPECT_GT(in_spin, 400u);
}

TEST(Samples, InTheKernel) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  const Observed run = observe({"spins", "kernel", "500"}, with_samples(), folder.path());
  ASSERT_EQ(run.error, "");
  const Session session = only_session(folder.path());
  size_t kernel = 0, tagged = 0, both = 0;
  for (const TakenSample &sample : run.events.samples) {
    if (!(sample.head.flags & SGPERF_SAMPLE_KERNEL)) continue;
    kernel++;
    tagged += sample.head.tag.site == session.site("spins::loop");
    both += sample.kernel.size() > 2 && sample.user.size() > 1 && static_cast<int64_t>(sample.user[0]) > 0 &&
            sample.leaf.size() == SGPERF_LEAF_BYTES;
  }
  EXPECT_GT(kernel, run.events.samples.size() / 2);
  EXPECT_GE(tagged, kernel * 9 / 10); // the rest is start and end
  EXPECT_GE(both, kernel * 9 / 10);
}

// Nothing in the kernel sees the session come; the loader finds it within milliseconds.
TEST(Samples, SessionIsFoundWithoutSyscalls) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  probes::Options options;
  options.samples = true;
  const Observed run = observe({"spins", "user", "600"}, options, folder.path());
  ASSERT_EQ(run.error, "");
  const Places where = places(run);
  const Session session = only_session(folder.path());
  size_t in_spin = 0, tagged = 0;
  for (const TakenSample &sample : run.events.samples) {
    if (!where.spin.has(sample.head.ip)) continue;
    in_spin++;
    tagged += sample.head.tag.site == session.site("spins::loop");
  }
  EXPECT_GT(in_spin, 300u);
  EXPECT_GE(tagged, in_spin * 8 / 10); // on a busy machine the loader may be late
}

TEST(Samples, UserSpaceOnly) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  probes::Options options = with_samples();
  options.kernel = false;
  options.stacks = false;
  const Observed run = observe({"spins", "user", "200"}, options, folder.path());
  ASSERT_EQ(run.error, "");
  ASSERT_GT(run.events.samples.size(), 50u);
  for (const TakenSample &sample : run.events.samples) {
    EXPECT_FALSE(sample.head.flags & SGPERF_SAMPLE_KERNEL);
    EXPECT_TRUE(sample.user.empty() && sample.kernel.empty() && sample.leaf.empty() && sample.chain.empty());
    EXPECT_NE(sample.head.regs[SGPERF_REG_SP], 0u);
  }
}

TEST(Samples, FullRingBufferIsCounted) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  probes::Probes probes;
  probes::Options options;
  options.samples = true;
  options.ring_bytes = 16384;
  std::string error;
  ASSERT_TRUE(probes.start(options, error)) << error;
  const pid_t pid = fork();
  if (pid == 0)
    for (;;) __asm__ volatile("");
  ASSERT_TRUE(probes.add(pid, probes::When::now, error)) << error;
  usleep(300000); // nobody reads
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  probes.stop();
  Recorder events;
  probes.consume(events);
  EXPECT_GT(events.samples.size(), 0u);
  EXPECT_GT(probes.drops().samples, 50u);
  EXPECT_NE(probes.drops().advice.find("MiB"), std::string::npos);
}
