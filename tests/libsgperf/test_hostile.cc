// SPDX-License-Identifier: Apache-2.0
// Hosts that run out of things or forbid them: the program behaves as without the library, and what was measured is
// kept.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "libsgperf/fixture.h"
#include "libsgperf/places.h"

namespace sgperf::test {
namespace {

class Hostile : public Libsgperf {
protected:
  static void limit(__rlimit_resource resource, rlim_t value) {
    const rlimit both{value, value};
    if (setrlimit(resource, &both) != 0) child_failed("setrlimit");
  }
};

// The program prints the session's folder itself: a mount namespace of its own ends with it.
TEST_F(Hostile, FullTmpfs) {
  if (geteuid() != 0 || !may_mount()) GTEST_SKIP() << "needs root and mount namespaces: mounts a small tmpfs";
  SKIP_WITH_TSAN("threads without a block share a sink that nobody reads: a race, and meant");
  // From no room at all over a header, a table, some threads, to enough.
  size_t with_session = 0;
  for (const char *size : {"4k", "8k", "16k", "32k", "64k", "128k", "256k", "512k", "1m", "64m"}) {
    SCOPED_TRACE(size);
    const TempDir copies("/dev/shm");
    chmod(copies.path().c_str(), 0700);
    options_.in_child = [&] { mount_small_tmpfs(dir(), size); };
    // The shell lives in the same mount namespace: it copies out what is left after the program.
    const auto run_and_copy = [&](const std::string &command) {
      return run(
          {"/bin/sh", "-c",
           command + "; code=$?; cp \"$SGPERF_DIR\"/session-* " + copies.path().string() + "/ 2>/dev/null; exit $code"},
          options_);
    };
    Result result = run_and_copy(program("churn") + " 40 40 50");
    EXPECT_EQ(result.exit_code, 0) << result.err << (result.exit_code == 135 ? " (SIGBUS)" : "");
    EXPECT_EQ(result.out, "threads 40\n");
    result = run_and_copy(program("many_sites") + " 5000 1");
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, "sites 5000 refused 0\n");
    for (const auto &file : session_files(copies.path())) {
      const Session session = read_session(file); // whatever there is must be readable
      ++with_session;
      if (std::string(session.header.comm) != "churn") continue;
      const uint64_t counted = session.sums("churn::outer").count;
      EXPECT_LE(counted, 40u * 50u);
      if (session.header.dropped.threads == 0 && session.header.dropped.memory == 0) {
        EXPECT_EQ(counted, 40u * 50u) << "lost without a word";
      }
    }
  }
  EXPECT_GE(with_session, 4u) << "hardly any session was made: little was tested";
}

TEST_F(Hostile, UnwritableFolder) {
  SKIP_WITHOUT_ROOT("the program runs as another user");
  chmod(dir().c_str(), 0500);
  ASSERT_EQ(chown(dir().c_str(), 65534, 65534), 0);
  chmod(cwd_.path().c_str(), 0755);
  options_.in_child = [] {
    if (setgid(65534) != 0 || setuid(65534) != 0) child_failed("setuid");
  };
  const Result result = run_ok("calls", {"10", "3"}, 3);
  EXPECT_EQ(result.out, "calls 10\n");
  EXPECT_TRUE(session_files(dir()).empty());
}

TEST_F(Hostile, ChrootAndChangeOfUserAfterStart) {
  SKIP_WITHOUT_ROOT("chroot");
  const TempDir root;
  chmod(root.path().c_str(), 0755);
  const Result result = run_ok("changes", {root.path(), "65534"});
  EXPECT_EQ(result.out, "changed\n");
  EXPECT_TRUE(std::filesystem::is_empty(root.path())) << "the library made files in the new root";
  const Session session = this->session();
  EXPECT_EQ(session.sums("change::known").count, 205u);
  EXPECT_EQ(session.sums("change::new").count, 1u);
  EXPECT_EQ(session.sums("change::new_thread").count, 1u);
  EXPECT_EQ(session.phases_named("changed").size(), 1u);
  EXPECT_EQ(session.header.state, unsigned{SGPERF_SESSION_EXITED});
  struct stat status {};
  ASSERT_EQ(stat(session.path.c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, geteuid()) << "of the user who started it";
}

TEST_F(Hostile, LowFileSizeLimit) {
  SKIP_WITH_TSAN("it writes files of its own and dies of the limit");
  // SIGXFSZ would kill the host.
  for (const rlim_t bytes : {rlim_t{0}, rlim_t{1}, rlim_t{4096}, rlim_t{65536}, rlim_t{1} << 20, rlim_t{64} << 20}) {
    SCOPED_TRACE(bytes);
    options_.in_child = [bytes] { limit(RLIMIT_FSIZE, bytes); };
    const Result result = run_ok("calls", {"1000", "3"}, 3);
    EXPECT_EQ(result.out, "calls 1000\n");
    const Result jits = run_program("jits", {"2000"});
    EXPECT_EQ(jits.signal, 0);
    EXPECT_EQ(jits.exit_code, 0);
    for (const auto &file : session_files(dir())) {
      const Session session = read_session(file);
      if (std::string(session.header.comm) == "calls") {
        EXPECT_EQ(session.sums("alpha::outer").count, 1000u);
      }
      std::filesystem::remove(file);
    }
    for (const auto &file : code_files(dir())) std::filesystem::remove(file);
  }
}

TEST_F(Hostile, LowAddressSpaceLimit) {
  SKIP_WHEN_SANITIZED("the sanitizer itself reserves terabytes of address space");
  for (const rlim_t megabytes : {8u, 16u, 32u, 64u, 200u}) {
    SCOPED_TRACE(megabytes);
    options_.in_child = [megabytes] { limit(RLIMIT_AS, megabytes << 20); };
    const Result result = run_ok("calls", {"1000", "3"}, 3);
    EXPECT_EQ(result.out, "calls 1000\n");
    for (const auto &file : session_files(dir())) {
      EXPECT_EQ(read_session(file).sums("alpha::outer").count, 1000u) << "a session that was made works";
      std::filesystem::remove(file);
    }
  }
}

TEST_F(Hostile, LowDescriptorLimit) {
  for (const rlim_t descriptors : {4u, 5u, 8u}) { // ld.so needs one to load libraries
    SCOPED_TRACE(descriptors);
    options_.in_child = [descriptors] { limit(RLIMIT_NOFILE, descriptors); };
    const Result result = run_ok("calls", {"1000", "3"}, 3);
    EXPECT_EQ(result.out, "calls 1000\n");
    const auto files = session_files(dir());
    if (files.empty()) {
      EXPECT_LT(descriptors, 5u) << "two descriptors at a time are enough: a folder and a file";
      continue;
    }
    ASSERT_EQ(files.size(), 1u);
    EXPECT_EQ(read_session(files[0]).sums("alpha::outer").count, 1000u);
    std::filesystem::remove(files[0]);
  }
}

class Seccomp : public Hostile {
protected:
  void SetUp() override {
    Hostile::SetUp();
    SKIP_WHEN_SANITIZED("the sanitizer makes system calls of its own, which the filter kills for");
  }
  void expect_unharmed(const std::string &how) {
    const Result result = run_program("filtered", {how});
    EXPECT_EQ(result.signal, 0) << (result.signal == SIGSYS    ? "SIGSYS: a system call after the filter"
                                    : result.signal == SIGSEGV ? "SIGSEGV"
                                    : result.signal == SIGKILL ? "SIGKILL: a system call in strict mode"
                                                               : "");
    EXPECT_EQ(result.exit_code, 7);
    EXPECT_EQ(result.out, "before\nafter\n");
    EXPECT_EQ(result.err, "");
    session_ = session();
    EXPECT_TRUE(session_.header.flags & SGPERF_SESSION_FLAG_SECCOMP);
    EXPECT_GE(session_.sums("filter::known").count, 100u);
  }
  Session session_;
};

TEST_F(Seccomp, FilterByPrctl) {
  expect_unharmed("prctl");
  EXPECT_EQ(session_.sums("filter::known").count, 200u) << "known sites go on under the filter";
  EXPECT_EQ(session_.header.usage.flags & 3u, 2u) << "usage at exit: not read, because of seccomp";
  EXPECT_EQ(session_.header.state, unsigned{SGPERF_SESSION_EXITED});
}
TEST_F(Seccomp, FilterBySyscall) {
  expect_unharmed("syscall");
  EXPECT_EQ(session_.sums("filter::known").count, 200u);
  EXPECT_EQ(session_.header.usage.flags & 3u, 2u);
}
TEST_F(Seccomp, FilterForAllThreads) {
  expect_unharmed("thread");
  EXPECT_GE(session_.sums("filter::known").count, 210u);
}
TEST_F(Seccomp, StrictMode) {
  if (under_seccomp_filter()) GTEST_SKIP() << "strict mode cannot follow the filter that is on";
  // The kernel takes rdtsc away together with the system calls (TIF_NOTSC): a scope may not read the counter any more.
  expect_unharmed("strict");
}

TEST_F(Seccomp, InheritedFilterThatKillsForGetrusage) {
  // Already on at start: the library sees it in /proc/self/status and makes no call at exit that it has not made
  // before.
  options_.in_child = [] {
    sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrusage, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{sizeof rules / sizeof rules[0], rules};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
      child_failed("seccomp");
  };
  const Result result = run_program("calls", {"100", "3"});
  EXPECT_EQ(result.signal, 0) << (result.signal == SIGSYS ? "SIGSYS" : "");
  EXPECT_EQ(result.exit_code, 3);
  const Session session = this->session();
  EXPECT_EQ(session.sums("alpha::outer").count, 100u);
  EXPECT_TRUE(session.header.flags & SGPERF_SESSION_FLAG_SECCOMP);
  EXPECT_EQ(session.header.usage.flags & 3u, 2u);
}

TEST_F(Seccomp, InheritedFilterThatKillsForAllThatASessionCanDoWithout) {
  options_.in_child = [] {
#define KILL(number)                                                                                                   \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
    sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        KILL(SYS_uname),
        KILL(SYS_statfs),
        KILL(SYS_getppid),
        KILL(SYS_geteuid),
        KILL(SYS_gettid),
        KILL(SYS_getrusage),
        KILL(SYS_perf_event_open),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_GET_SECCOMP, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
#undef KILL
    const sock_fprog filter{sizeof rules / sizeof rules[0], rules};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
      child_failed("seccomp");
  };
  options_.env.push_back("SGPERF_PHASE_PMC=page-faults");
  const Result result = run_program("phases");
  EXPECT_EQ(result.signal, 0) << (result.signal == SIGSYS ? "SIGSYS" : "");
  EXPECT_EQ(result.exit_code, 0);
  const Session session = this->session();
  EXPECT_EQ(std::string(session.header.comm), "phases");
  utsname name{};
  uname(&name);
  EXPECT_EQ(std::string(session.header.host), std::string(name.nodename).substr(0, sizeof session.header.host - 1));
  EXPECT_EQ(session.header.pid, static_cast<uint32_t>(result.pid));
  EXPECT_EQ(session.header.uid, geteuid());
  EXPECT_NE(session.header.pid_ns, 0u);
  EXPECT_STREQ(session.header.note, "phase counters: not opened: seccomp");
  EXPECT_FALSE(session.phases_named("outer").empty());
  for (const auto &phase : session.phases) EXPECT_EQ(phase.pmc_flags, 0u);
}

TEST_F(Hostile, PidNamespace) {
  SKIP_WITHOUT_ROOT("unshare --pid");
  const Result probe = run({"unshare", "--pid", "--fork", "true"}, options_);
  if (probe.exit_code != 0) GTEST_SKIP() << "no pid namespace here: " << probe.err;
  std::vector<Session> sessions;
  for (int i = 0; i < 2; ++i) { // both are pid 1 of their namespace: the keys differ in time only
    const Result result = run({"unshare", "--pid", "--fork", program("calls"), "10", "3"}, options_);
    EXPECT_EQ(result.exit_code, 3);
  }
  struct stat own {};
  ASSERT_EQ(stat("/proc/self/ns/pid", &own), 0);
  const auto files = session_files(dir());
  ASSERT_EQ(files.size(), 2u);
  for (const auto &file : files) {
    const Session session = read_session(file);
    EXPECT_EQ(session.header.pid, 1u);
    EXPECT_NE(session.header.pid_ns, own.st_ino);
    EXPECT_EQ(session.sums("alpha::outer").count, 10u);
    sessions.push_back(session);
  }
  EXPECT_NE(sessions[0].key(), sessions[1].key());
}

} // namespace
} // namespace sgperf::test
