// SPDX-License-Identifier: Apache-2.0
// The process tree: forks, execs and exits, in order, with what the kernel knows of each at its end.
#include "probes/observed.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <map>
#include <set>

using namespace sgperf;
using namespace sgperf::test;

TEST(Tree, ForkHeavyFamily) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  probes::Options options;
  options.syscalls = true;
  constexpr int children = 400;
  const Observed run = observe({"family", std::to_string(children)}, options, folder.path());
  ASSERT_EQ(run.error, "");
  ASSERT_EQ(run.status, 0);
  EXPECT_FALSE(run.drops.any()) << run.drops.advice;

  const size_t grandchildren = (children + 3) / 4;
  EXPECT_EQ(run.events.forks.size(), children + grandchildren + 1);
  EXPECT_EQ(run.events.processes.size(), children + grandchildren + 2);
  EXPECT_EQ(run.calls(SYS_getppid), children + 3 * grandchildren);

  std::map<uint32_t, uint32_t> parent;
  std::vector<uint32_t> in_order; // children of the program itself, as they were forked
  for (const auto &fork : run.events.forks) {
    parent[fork.header.pid] = fork.parent_pid;
    EXPECT_EQ(fork.header.pid, fork.header.tid);
    if (fork.parent_pid == static_cast<uint32_t>(run.pid)) in_order.push_back(fork.header.pid);
  }
  ASSERT_EQ(in_order.size(), children + 1u);
  std::map<uint32_t, int> status;
  for (const auto &exit : run.events.processes) EXPECT_TRUE(status.emplace(exit.header.pid, exit.status).second);
  for (int n = 0; n < children; n++) {
    const int found = status.at(in_order[static_cast<size_t>(n)]);
    if (n % 10 == 9)
      EXPECT_TRUE(WIFSIGNALED(found) && WTERMSIG(found) == SIGKILL) << n;
    else
      EXPECT_TRUE(WIFEXITED(found) && WEXITSTATUS(found) == n % 200) << n << ": " << found;
  }
  size_t sevens = 0;
  for (const auto &[child, of] : parent)
    if (of != static_cast<uint32_t>(run.pid)) sevens += status.at(child) == 7 << 8;
  EXPECT_EQ(sevens, grandchildren);

  ASSERT_EQ(run.events.execs.size(), 2u); // of the program, and at its end of itself
  EXPECT_NE(run.events.exec_paths[0].find("probed-family"), std::string::npos);
  EXPECT_EQ(run.events.exec_paths[1], "/proc/self/exe");
  EXPECT_EQ(run.events.execs[1].pid, in_order.back());
  EXPECT_EQ(status.at(in_order.back()), 11 << 8);
  // The same process before and after: another image.
  std::set<uint32_t> images;
  for (const auto &row : run.syscalls)
    if (row.place.pid == in_order.back()) images.insert(row.place.image);
  EXPECT_EQ(images, (std::set<uint32_t>{0, 1}));

  // Each process's events in their order.
  std::map<uint32_t, uint64_t> started;
  for (const auto &fork : run.events.forks) started[fork.header.pid] = fork.header.time;
  for (const auto &exit : run.events.processes)
    if (started.contains(exit.header.pid)) {
      EXPECT_GT(exit.header.time, started[exit.header.pid]);
    }
}

TEST(Tree, ThreadsAndUsage) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  rusage before{}, after{};
  getrusage(RUSAGE_CHILDREN, &before);
  const Observed run = observe({"spins", "threads", "300"}, {}, folder.path());
  getrusage(RUSAGE_CHILDREN, &after);
  ASSERT_EQ(run.error, "");
  ASSERT_EQ(run.events.forks.size(), 2u);
  for (const auto &fork : run.events.forks) {
    EXPECT_EQ(fork.header.pid, static_cast<uint32_t>(run.pid));
    EXPECT_EQ(fork.parent_pid, static_cast<uint32_t>(run.pid));
    EXPECT_NE(fork.header.tid, fork.header.pid);
  }
  ASSERT_EQ(run.events.exits.size(), 3u);
  ASSERT_EQ(run.events.processes.size(), 1u);
  EXPECT_TRUE(run.events.exits.back().process);
  const auto &exit = run.events.processes[0];
  const auto ns = [](timeval t) { return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_usec) * 1e3; };
  const double spent = ns(after.ru_utime) + ns(after.ru_stime) - ns(before.ru_utime) - ns(before.ru_stime);
  EXPECT_GE(static_cast<double>(exit.runtime_ns), 0.58e9);
  EXPECT_NEAR(static_cast<double>(exit.runtime_ns), spent, 0.03e9); // a tick for each of three threads, and the fork
  EXPECT_GT(exit.user_ticks_ns, exit.system_ticks_ns);
  EXPECT_GT(exit.max_rss, 500u << 10);
  EXPECT_LT(exit.max_rss, 100u << 20);
  EXPECT_GT(exit.minor_faults, 50u);
  for (const auto &thread : run.events.exits)
    if (!thread.process) {
      EXPECT_GE(thread.runtime_ns, 290u * 1000 * 1000);
    }
}

TEST(Tree, ExecThatFails) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  const Observed run = observe({"/nonexistent/program"}, {}, folder.path());
  EXPECT_EQ(run.error, "");
  EXPECT_EQ(WEXITSTATUS(run.status), 127);
  EXPECT_TRUE(run.events.execs.empty());
  EXPECT_TRUE(run.events.exits.empty());
}
