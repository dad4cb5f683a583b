// SPDX-License-Identifier: Apache-2.0
// The sums of system calls are what the programs did, call by call.
#include "probes/observed.h"

#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <numeric>

using namespace sgperf;
using namespace sgperf::test;

namespace {

probes::Options with_syscalls() {
  probes::Options options;
  options.syscalls = true;
  return options;
}

// The rules of every row, whatever was run.
void check_rows(const Observed &run) {
  for (const auto &row : run.syscalls) {
    EXPECT_EQ(std::accumulate(row.histogram.begin(), row.histogram.end(), uint64_t{0}), row.count) << row.number;
    EXPECT_LE(row.errors, row.count);
    EXPECT_LE(row.blocked_ns, row.total_ns);
    EXPECT_LE(row.max_ns, row.total_ns);
    uint64_t errors = 0;
    for (const auto &[number, count] : row.errnos) errors += count;
    if (row.place.pid) {
      EXPECT_EQ(errors, row.errors) << row.number;
    }
  }
}

uint64_t printed(const Observed &run) {
  return std::stoull(run.out);
}

} // namespace

TEST(Syscalls, SumsEqualTheProgramsOwnCount) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  const Observed run = observe({"known_calls", "16", "1000", "3"}, with_syscalls(), folder.path());
  ASSERT_EQ(run.error, "");
  ASSERT_EQ(run.status, 0);
  check_rows(run);
  EXPECT_EQ(printed(run), 16u * 1001 * 3 + 60);
  EXPECT_EQ(run.calls(SYS_getpgrp), printed(run));
  EXPECT_FALSE(run.drops.any()) << run.drops.advice;

  const Session session = only_session(folder.path());
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> by_thread_and_site;
  for (const auto &row : run.syscalls)
    if (row.number == SYS_getpgrp && row.place.phase == 0)
      by_thread_and_site[{row.place.tid, row.place.site}] += row.count;
  EXPECT_EQ(by_thread_and_site.size(), 16u * 1001);
  for (const auto &[place, count] : by_thread_and_site) EXPECT_EQ(count, 3u);
  for (const int n : {0, 1, 500, 999}) {
    const auto site = session.site("known::scope_" + std::to_string(n));
    ASSERT_TRUE(site);
    EXPECT_EQ(run.calls(SYS_getpgrp, [&](const auto &row) { return row.place.site == *site; }), 16u * 3) << n;
  }
  for (const auto &[name, count] : std::map<std::string, uint64_t>{{"one", 10}, {"two", 20}, {"three", 30}}) {
    const auto phase = phase_number(session, name);
    ASSERT_TRUE(phase) << name;
    EXPECT_EQ(run.calls(SYS_getpgrp, [&](const auto &row) { return row.place.phase == *phase; }), count) << name;
  }
  ASSERT_EQ(run.events.sessions.size(), 1u);
  EXPECT_EQ(run.events.sessions[0].tls_offset, session.header.tls_offset);
}

// The same whether the kernel has the session's pages (from when the loader came to it) or reads them in the program.
TEST(Syscalls, TagsOfLongLoops) {
  SKIP_WITHOUT_PROBES();
  utsname kernel{};
  ASSERT_EQ(uname(&kernel), 0);
  int major = 0, minor = 0;
  sscanf(kernel.release, "%d.%d", &major, &minor);
  const bool can_lend = major > 6 || (major == 6 && minor >= 13);
  for (const bool lend : {true, false}) {
    TempDir folder("/dev/shm"); // as everywhere: the kernel takes pages of a tmpfs only
    probes::Options options = with_syscalls();
    options.lend_pages = lend;
    const Observed run = observe({"known_calls", "3", "5", "60000"}, options, folder.path());
    ASSERT_EQ(run.error, "");
    check_rows(run);
    const Session session = only_session(folder.path());
    for (int n = 0; n < 5; n++) {
      const auto site = session.site("known::scope_" + std::to_string(n));
      EXPECT_EQ(run.calls(SYS_getpgrp, [&](const auto &row) { return row.place.site == *site; }), 3u * 60000) << n;
    }
    EXPECT_EQ(run.calls(SYS_getpgrp), printed(run));
    EXPECT_EQ(run.lent_threads, lend && can_lend ? 4u : 0u) << "the main thread and three more";
  }
}

// One call of many with its stack.
TEST(Syscalls, SampledStacks) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  probes::Options options = with_syscalls();
  options.syscall_sample_rate = 100;
  const Observed run = observe({"known_calls", "2", "10", "5000"}, options, folder.path());
  ASSERT_EQ(run.error, "");
  EXPECT_EQ(run.calls(SYS_getpgrp), printed(run));
  const Session session = only_session(folder.path());
  size_t ours = 0, tagged = 0, deep = 0;
  for (const TakenSample &sample : run.events.syscalls) {
    if (sample.head.number != SYS_getpgrp) continue;
    ours++;
    tagged += sample.head.tag.site > 1;
    EXPECT_GT(sample.head.duration, 0u);
    EXPECT_LT(sample.head.regs[SGPERF_REG_IP], uint64_t{1} << 47);
    deep += sample.user.size() > 1 && sample.chain.size() >= 512;
  }
  EXPECT_NEAR(static_cast<double>(ours), static_cast<double>(printed(run)) / 100,
              static_cast<double>(printed(run)) / 300);
  EXPECT_GE(tagged, ours * 8 / 10);
  EXPECT_GE(deep, ours * 9 / 10);
}

// More scopes than a session has sites: what is beyond counts in "(other sites)"; nothing is lost.
TEST(Syscalls, TenThousandScopes) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  probes::Options options = with_syscalls();
  const Observed run = observe({"known_calls", "16", "10000", "1"}, options, folder.path());
  ASSERT_EQ(run.error, "");
  ASSERT_EQ(run.status, 0);
  check_rows(run);
  EXPECT_EQ(printed(run), 16u * 10001 + 60);
  EXPECT_EQ(run.calls(SYS_getpgrp), printed(run));
  std::map<uint32_t, uint64_t> by_site;
  for (const auto &row : run.syscalls)
    if (row.number == SYS_getpgrp) by_site[row.place.site] += row.count;
  EXPECT_GT(by_site.size(), 1000u);
  // The table grows by itself.
  size_t rows = 0;
  for (const auto &row : run.syscalls) rows += row.place.pid != 0;
  EXPECT_GT(rows, 16u * 2000); // the session has 2048 sites for names made at run time
  EXPECT_FALSE(run.drops.any()) << run.drops.advice;
}

TEST(Syscalls, TableThatIsTooSmallIsCounted) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  probes::Options options = with_syscalls();
  options.row_limit = 100;
  const Observed run = observe({"known_calls", "4", "200", "5"}, options, folder.path());
  ASSERT_EQ(run.error, "");
  EXPECT_EQ(run.calls(SYS_getpgrp), printed(run));
  check_rows(run);
  const uint64_t nowhere = run.calls(SYS_getpgrp, [](const auto &row) { return row.place.pid == 0; });
  EXPECT_GT(nowhere, 0u);
  EXPECT_GE(run.drops.row_calls, nowhere);
  EXPECT_NE(run.drops.advice.find("rows"), std::string::npos) << run.drops.advice;
}

// Rows of ended threads are used again: 3000 threads, each with a row or more of its own, in 4096 rows.
TEST(Syscalls, RowsOfEndedThreadsAreUsedAgain) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  probes::Options options = with_syscalls();
  options.row_limit = 4096;
  const Observed run = observe({"churn", "3000"}, options, folder.path());
  ASSERT_EQ(run.error, "");
  EXPECT_EQ(run.calls(SYS_getppid), 9000u);
  check_rows(run);
  size_t rows = 0;
  for (const auto &row : run.syscalls) rows += row.place.pid != 0;
  EXPECT_GT(rows, 6000u) << "rows with a place of their own";
}

TEST(Syscalls, ErrorsBytesTimes) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  const Observed run = observe({"odd_calls"}, with_syscalls(), folder.path());
  ASSERT_EQ(run.error, "");
  ASSERT_TRUE(WIFEXITED(run.status));
  ASSERT_EQ(WEXITSTATUS(run.status), 42);
  check_rows(run);
  std::map<uint32_t, probes::SyscallSums> rows; // one thread, no scopes: one row a call
  for (const auto &row : run.syscalls) {
    EXPECT_TRUE(rows.emplace(row.number, row).second) << row.number;
    EXPECT_EQ(row.place.pid, static_cast<uint32_t>(run.pid));
    EXPECT_EQ(row.place.tid, static_cast<uint32_t>(run.pid));
  }
  using Errnos = std::map<uint32_t, uint64_t>;
  EXPECT_EQ(rows[SYS_dup].errnos, (Errnos{{EBADF, 7}}));
  EXPECT_EQ(rows[SYS_chdir].errnos, (Errnos{{ENOENT, 5}, {EFAULT, 3}}));
  EXPECT_EQ(rows[SYS_chdir].count, 8u);
  EXPECT_EQ(rows[SYS_preadv].bytes_in, 10000u);
  EXPECT_EQ(rows[SYS_preadv].bytes_out, 0u);
  EXPECT_EQ(rows[SYS_pwrite64].bytes_out, 4u * 333);
  EXPECT_EQ(rows[SYS_writev].bytes_out, 111u);
  EXPECT_EQ(rows[SYS_clock_nanosleep].count, 2u);
  EXPECT_GE(rows[SYS_clock_nanosleep].total_ns, 60u * 1000 * 1000);
  EXPECT_GE(rows[SYS_clock_nanosleep].blocked_ns, 59u * 1000 * 1000);
  EXPECT_GE(rows[SYS_clock_nanosleep].max_ns, 30u * 1000 * 1000);
  // pause returns ERESTARTNOHAND to the kernel's own code, which makes EINTR of it.
  EXPECT_EQ(rows[SYS_pause].errnos, (Errnos{{514, 1}}));
  EXPECT_GE(rows[SYS_pause].blocked_ns, 9u * 1000 * 1000);
  EXPECT_EQ(rows[SYS_rt_sigreturn].count, 1u);
  EXPECT_EQ(rows[SYS_rt_sigreturn].errors, 0u);
  EXPECT_EQ(rows[511].errnos, (Errnos{{ENOSYS, 6}}));
  EXPECT_EQ(rows[SYS_exit_group].count, 0u);
  EXPECT_EQ(rows[SYS_exit_group].unreturned, 1u);
  EXPECT_EQ(rows[SYS_execve].count, 0u) << "the counting begins with the program, within the exec";
}

TEST(Syscalls, OtherProcessesAreNotCounted) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  const pid_t other = fork();
  if (other == 0)
    for (;;) syscall(SYS_getpgrp);
  const Observed run = observe({"known_calls", "2", "10", "1000"}, with_syscalls(), folder.path());
  for (int i = 0; i < 1000; i++) syscall(SYS_getpgrp);
  kill(other, SIGKILL);
  waitpid(other, nullptr, 0);
  ASSERT_EQ(run.error, "");
  EXPECT_EQ(run.calls(SYS_getpgrp), printed(run));
  for (const auto &row : run.syscalls) EXPECT_EQ(row.place.pid, static_cast<uint32_t>(run.pid));
}

// A process that runs already, with a session and open scopes.
TEST(Syscalls, LateAttach) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  int output[2];
  ASSERT_EQ(pipe(output), 0);
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(output[1], 1);
    setenv("SGPERF_DIR", folder.path().c_str(), 1);
    const std::string path = build_dir() / "tests/probes/programs/probed-spins";
    execl(path.c_str(), "spins", "kernel", "1500", nullptr);
    _exit(127);
  }
  close(output[1]);
  char byte;
  ASSERT_EQ(read(output[0], &byte, 1), 1); // its session is there
  usleep(50000);
  probes::Probes probes;
  std::string error;
  Recorder events;
  ASSERT_TRUE(probes.start(with_syscalls(), error)) << error;
  ASSERT_TRUE(probes.add(pid, probes::When::now, error)) << error;
  int status = 0;
  while (waitpid(pid, &status, WNOHANG) == 0) probes.poll(events, std::chrono::milliseconds(10));
  close(output[0]);
  probes.stop();
  probes.consume(events);
  const Session session = only_session(folder.path());
  uint64_t inside = 0, all = 0;
  for (const auto &row : probes.syscalls()) {
    if (row.number != SYS_getrandom) continue;
    all += row.count;
    if (row.place.site == session.site("spins::loop") && row.place.phase == phase_number(session, "spin"))
      inside += row.count;
  }
  EXPECT_GT(all, 10u);
  EXPECT_EQ(inside, all);
  ASSERT_EQ(events.processes.size(), 1u);
  EXPECT_EQ(events.processes[0].header.pid, static_cast<uint32_t>(pid));
}

// The child of a fork has no session (its copy is zeros), whatever its parent's scopes are.
TEST(Syscalls, ForkLeavesTheSessionBehind) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  const Observed run =
      observe({build_dir() / "tests/libsgperf/programs/forks", "5", "50", "50"}, with_syscalls(), folder.path());
  ASSERT_EQ(run.error, "");
  ASSERT_FALSE(run.events.forks.empty()) << run.out;
  size_t of_children = 0;
  for (const auto &row : run.syscalls) {
    if (row.place.pid == static_cast<uint32_t>(run.pid)) continue;
    of_children++;
    EXPECT_EQ(row.place.site, 0u) << row.number;
    EXPECT_EQ(row.place.phase, 0u) << row.number;
  }
  EXPECT_GT(of_children, 0u);
}

// Threads without a phase of their own get the one that was given to their process.
TEST(Syscalls, GivenPhase) {
  SKIP_WITHOUT_PROBES();
  TempDir folder;
  probes::Probes probes;
  std::string error;
  Recorder events;
  ASSERT_TRUE(probes.start(with_syscalls(), error)) << error;
  int go[2], done[2];
  ASSERT_EQ(pipe(go) | pipe(done), 0);
  const pid_t pid = fork();
  if (pid == 0) {
    char byte;
    for (const int calls : {5, 7, 11}) {
      if (read(go[0], &byte, 1) != 1) _exit(1);
      for (int i = 0; i < calls; i++) syscall(SYS_getppid);
      if (write(done[1], "x", 1) != 1) _exit(1);
    }
    _exit(0);
  }
  close(go[0]);
  close(done[1]);
  ASSERT_TRUE(probes.add(pid, probes::When::now, error)) << error;
  char byte;
  for (const uint32_t phase : {3u, 4u, 0u}) {
    ASSERT_TRUE(probes.set_phase(pid, phase));
    ASSERT_EQ(write(go[1], "x", 1), 1);
    ASSERT_EQ(read(done[0], &byte, 1), 1);
  }
  waitpid(pid, nullptr, 0);
  close(go[1]);
  close(done[0]);
  probes.stop();
  probes.consume(events);
  std::map<uint32_t, uint64_t> by_phase;
  for (const auto &row : probes.syscalls())
    if (row.number == SYS_getppid) by_phase[row.place.phase] += row.count;
  EXPECT_EQ(by_phase,
            (std::map<uint32_t, uint64_t>{{SGPERF_PHASE_GIVEN | 3, 5}, {SGPERF_PHASE_GIVEN | 4, 7}, {0, 11}}));
}
