// SPDX-License-Identifier: Apache-2.0
// Where a session's file is, who may read it, and which folders are refused.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>

#include "libsgperf/fixture.h"
#include "libsgperf/places.h"

namespace sgperf::test {
namespace {

class SessionFile : public Libsgperf {};

TEST_F(SessionFile, NameModeOwnerAndHeader) {
  const auto boottime = [] {
    timespec t{};
    clock_gettime(CLOCK_BOOTTIME, &t);
    return static_cast<uint64_t>(t.tv_sec) * 1000000000u + static_cast<uint64_t>(t.tv_nsec);
  };
  const mode_t old = umask(0); // the library sets the mode, not the umask
  const uint64_t before = boottime();
  const Result result = run_ok("calls", {"10"});
  const uint64_t after = boottime();
  umask(old);
  const Session session = this->session();
  struct stat status {};
  ASSERT_EQ(lstat(session.path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode, unsigned{S_IFREG} | 0600u);
  EXPECT_EQ(status.st_uid, geteuid());
  EXPECT_EQ(status.st_nlink, 1u);

  const std::string stem = session.path.stem(); // session-<host>-<pid>-<boottime ns>
  const auto time_at = stem.rfind('-'), pid_at = stem.rfind('-', time_at - 1);
  EXPECT_EQ(stem.substr(pid_at + 1, time_at - pid_at - 1), std::to_string(result.pid));
  const uint64_t time = strtoull(stem.c_str() + time_at + 1, nullptr, 10);
  EXPECT_GE(time, before);
  EXPECT_LE(time, after);

  const auto &h = session.header;
  utsname name{};
  uname(&name);
  EXPECT_EQ(std::string(h.host), std::string(name.nodename).substr(0, sizeof h.host - 1));
  EXPECT_EQ(h.pid, static_cast<uint32_t>(result.pid));
  const bool filter = under_seccomp_filter();
  EXPECT_EQ(h.ppid, filter ? 0u : static_cast<uint32_t>(getpid()));
  EXPECT_EQ(h.uid, geteuid());
  struct stat space {};
  ASSERT_EQ(stat("/proc/self/ns/pid", &space), 0);
  EXPECT_EQ(h.pid_ns, space.st_ino);
  EXPECT_EQ(std::string(h.comm), "calls");
  EXPECT_EQ(std::string(h.exe), std::filesystem::canonical(program("calls")).string().substr(0, sizeof h.exe - 1));
  EXPECT_EQ(std::string(h.command), program("calls"));
  EXPECT_EQ(std::string(h.command + program("calls").size() + 1), "10");
  EXPECT_EQ(h.state, unsigned{SGPERF_SESSION_EXITED});
  EXPECT_EQ(std::string(h.parent_key), "");
  EXPECT_EQ(h.usage.flags & 3u, filter ? 2u : 1u);
  if (!filter) {
    EXPECT_GT(h.usage.max_rss, uint64_t{100} << 10);
  }
  EXPECT_NE(h.tls_offset, 0);
  EXPECT_EQ(h.header_size, sizeof h);
}

TEST_F(SessionFile, NoDescriptorStaysOpen) {
  SKIP_WHEN_SANITIZED("a preloaded library needs an unsanitized host");
  const Result without = run_program("close_all");
  options_.env.push_back("LD_PRELOAD=" + library());
  const Result with = run_program("close_all");
  EXPECT_EQ(session_files(dir()).size(), 1u) << "the library did not run";
  EXPECT_EQ(with.out, without.out);
  EXPECT_EQ(with.exit_code, without.exit_code);
}

TEST_F(SessionFile, MemoryIsTakenWhenFirstUsed) {
  run_ok("calls", {"10"});
  struct stat status {};
  ASSERT_EQ(stat(session().path.c_str(), &status), 0);
  EXPECT_LE(status.st_blocks * 512, 512 << 10) << "a session of one thread and three sites";
}

// An unusable $SGPERF_DIR: the program runs as without sgperf, and nothing appears anywhere near.
class Refused : public Libsgperf {
protected:
  void expect_refused(const std::string &folder) {
    options_.env.push_back("SGPERF_DIR=" + folder);
    const Result result = run_ok("calls", {"10", "3"}, 3);
    EXPECT_EQ(result.out, "calls 10\n");
    EXPECT_TRUE(session_files(folder).empty()) << folder;
  }
  std::filesystem::path make(const std::string &name, mode_t mode) {
    const auto path = dir() / name;
    mkdir(path.c_str(), 0700);
    chmod(path.c_str(), mode);
    expected_files_.insert(name);
    return path;
  }
};

TEST_F(Refused, MissingParent) {
  expect_refused(dir() / "missing/folder");
  EXPECT_FALSE(std::filesystem::exists(dir() / "missing"));
}
TEST_F(SessionFile, AMissingFolderIsMadePrivate) {
  expected_files_.insert("made");
  options_.env.push_back("SGPERF_DIR=" + (dir() / "made").string());
  const mode_t old = umask(0);
  run_ok("calls");
  umask(old);
  struct stat status {};
  ASSERT_EQ(lstat((dir() / "made").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode, unsigned{S_IFDIR} | 0700u);
  EXPECT_EQ(session_files(dir() / "made").size(), 1u);
}
TEST_F(Refused, NotAFolder) {
  write_file(dir() / "file", "text");
  expected_files_.insert("file");
  expect_refused(dir() / "file");
  EXPECT_EQ(read_file(dir() / "file"), "text");
}
TEST_F(Refused, FolderThatMayNotBeWritten) {
  SKIP_WITHOUT_ROOT("the program runs as another user");
  const auto folder = make("root_only", 0755);
  chmod(dir().c_str(), 0755);
  chmod(cwd_.path().c_str(), 0755);
  options_.in_child = [] {
    if (setgid(65534) != 0 || setuid(65534) != 0) child_failed("setuid");
  };
  expect_refused(folder);
}
TEST_F(Refused, FolderOfSomebodyElse) {
  SKIP_WITHOUT_ROOT("makes a folder of another user");
  const auto folder = make("foreign", 0700);
  ASSERT_EQ(chown(folder.c_str(), 65534, 65534), 0);
  expect_refused(folder);
}
TEST_F(Refused, FolderThatTheGroupMayWrite) {
  expect_refused(make("group", 0770));
}
TEST_F(Refused, FolderThatEverybodyMayWrite) {
  expect_refused(make("everybody", 0777));
}
TEST_F(Refused, NonsenseInTheVariable) {
  for (const std::string &value : {std::string(""), std::string("/sys"), std::string("/proc"), std::string("/dev/null"),
                                   std::string(5000, 'x'), "/" + std::string(300, 'y'), std::string("relative")}) {
    options_.env.push_back("SGPERF_DIR=" + value);
    if (value.empty()) options_.env.push_back("SGPERF_SITES=!*"); // may choose the default place: see DefaultPlace
    const Result result = run_program("calls", {"10", "3"});
    EXPECT_EQ(result.exit_code, 3) << value.substr(0, 20);
    EXPECT_EQ(result.out, "calls 10\n");
  }
}

// Without $SGPERF_DIR: the first tmpfs of $XDG_RUNTIME_DIR, /dev/shm, /run, /tmp, each stood in for by a folder here.
class DefaultPlace : public Libsgperf {
protected:
  void SetUp() override {
    Libsgperf::SetUp();
    if (geteuid() != 0 || !may_mount())
      GTEST_SKIP() << "needs root and mount namespaces: replaces /dev/shm and /run for the program";
    for (const char *name : {"xdg", "shm", "run"}) {
      mkdir((dir() / name).c_str(), 0700);
      expected_files_.insert(name);
    }
    options_.env.push_back("SGPERF_DIR");
    options_.in_child = [this] { replace_default_places(dir() / "shm", dir() / "run"); };
  }
  std::filesystem::path own(const std::string &place) const {
    return dir() / place / ("sgperf-" + std::to_string(geteuid()));
  }
  size_t sessions(const std::string &place) const { return session_files(own(place)).size(); }
  // XDG_RUNTIME_DIR must be reachable although /dev/shm is replaced: through /run, which is bound to dir()/run.
  void use_xdg() {
    mkdir((dir() / "run/user").c_str(), 0700);
    options_.env.push_back("XDG_RUNTIME_DIR=/run/user");
  }
};

TEST_F(DefaultPlace, RuntimeDirFirst) {
  use_xdg();
  run_ok("calls");
  EXPECT_EQ(sessions("run/user"), 1u);
  EXPECT_EQ(sessions("shm") + sessions("run"), 0u);
  struct stat status {};
  ASSERT_EQ(lstat(own("run/user").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode, unsigned{S_IFDIR} | 0700u);
  EXPECT_EQ(status.st_uid, geteuid());
}
TEST_F(DefaultPlace, ARuntimeDirOfSomebodyElseIsPassedOver) {
  use_xdg(); // as `sudo -E` and `su` keep it
  ASSERT_EQ(chown((dir() / "run/user").c_str(), 65534, 65534), 0);
  run_ok("calls");
  EXPECT_TRUE(std::filesystem::is_empty(dir() / "run/user")) << "its owner could exchange the folder";
  EXPECT_EQ(sessions("shm"), 1u);
}
TEST_F(DefaultPlace, ThenDevShm) {
  run_ok("calls");
  EXPECT_EQ(sessions("shm"), 1u);
  EXPECT_EQ(sessions("run"), 0u);
  EXPECT_EQ(session_files(own("shm")).size(), 1u);
}
TEST_F(DefaultPlace, RuntimeDirThatIsNoTmpfsIsPassedOver) {
  const TempDir disk("/var/tmp");
  struct stat one {
  }, two{};
  ASSERT_EQ(stat(disk.path().c_str(), &one), 0);
  ASSERT_EQ(stat(dir().c_str(), &two), 0);
  options_.env.push_back("XDG_RUNTIME_DIR=" + disk.path().string());
  run_ok("calls");
  EXPECT_EQ(sessions("shm"), 1u);
  EXPECT_TRUE(std::filesystem::is_empty(disk.path())) << "never a file on a disk: write-back stalls the host";
}
TEST_F(DefaultPlace, ASymlinkInItsPlaceIsNotFollowed) {
  mkdir((dir() / "shm/elsewhere").c_str(), 0700);
  ASSERT_EQ(symlink("elsewhere", own("shm").c_str()), 0);
  run_ok("calls");
  EXPECT_TRUE(std::filesystem::is_empty(dir() / "shm/elsewhere")) << "followed a planted symlink";
  EXPECT_EQ(sessions("run"), 0u) << "no session at all: a report looks at the first place first";
}
TEST_F(DefaultPlace, AFolderOfSomebodyElseIsRefused) {
  mkdir(own("shm").c_str(), 0700);
  ASSERT_EQ(chown(own("shm").c_str(), 65534, 65534), 0);
  run_ok("calls");
  EXPECT_EQ(sessions("shm"), 0u) << "wrote into a folder of another user";
  EXPECT_EQ(sessions("run"), 0u);
}
TEST_F(DefaultPlace, AFolderThatOthersMayWriteIsRefused) {
  for (const mode_t mode : {0770u, 0707u}) {
    mkdir(own("shm").c_str(), 0700);
    chmod(own("shm").c_str(), mode);
    run_ok("calls");
    EXPECT_EQ(sessions("shm"), 0u);
    EXPECT_EQ(sessions("run"), 0u);
  }
}
TEST_F(DefaultPlace, AFileInItsPlaceIsLeftAlone) {
  write_file(own("shm"), "mine");
  run_ok("calls");
  EXPECT_EQ(read_file(own("shm")), "mine");
  EXPECT_EQ(sessions("run"), 0u);
}
TEST_F(DefaultPlace, APlaceThatIsNotOursToWriteIsPassedOver) {
  chmod((dir() / "shm").c_str(), 0755);
  ASSERT_EQ(chown((dir() / "run").c_str(), 65534, 65534), 0);
  chmod((dir() / "run").c_str(), 0755);
  chmod(cwd_.path().c_str(), 0755);
  const auto places = options_.in_child;
  options_.in_child = [places] {
    places();
    if (setgid(65534) != 0 || setuid(65534) != 0) child_failed("setuid");
  };
  run_ok("calls");
  EXPECT_EQ(session_files(dir() / "run/sgperf-65534").size(), 1u);
}
TEST_F(DefaultPlace, NowhereAtAll) {
  for (const char *place : {"shm", "run"}) write_file(own(place), "taken");
  run_ok("calls", {"10", "4"}, 4);
  for (const char *place : {"shm", "run"}) EXPECT_EQ(read_file(own(place)), "taken");
}

} // namespace
} // namespace sgperf::test
