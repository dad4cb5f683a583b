// SPDX-License-Identifier: Apache-2.0
// Programs that never heard of sgperf, that have only the header, or that must not be touched.
#include <sys/stat.h>

#include <sstream>

#include "libsgperf/fixture.h"
#include "libsgperf/places.h"

namespace sgperf::test {
namespace {

class Host : public Libsgperf {
protected:
  void expect_same(const std::vector<std::string> &argv, const std::string &input = "") {
    SCOPED_TRACE(argv[0]);
    options_.input = input;
    const Result without = run(argv, options_);
    Options preloaded = options_;
    preloaded.env.push_back("LD_PRELOAD=" + library());
    const Result with = run(argv, preloaded);
    EXPECT_EQ(with.out, without.out);
    EXPECT_EQ(with.err, without.err);
    EXPECT_EQ(with.exit_code, without.exit_code);
    EXPECT_EQ(with.signal, without.signal);
    const auto files = session_files(dir());
    EXPECT_FALSE(files.empty()) << "the library did not run: nothing was tested";
    for (const auto &file : files) {
      read_session(file);
      std::filesystem::remove(file);
    }
    for (const auto &file : code_files(dir())) std::filesystem::remove(file);
  }
};

TEST_F(Host, TheLibraryNeedsLibcOnly) {
  const Result result = run({"readelf", "-d", library()}, options_);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::istringstream in(result.out);
  std::vector<std::string> needed;
  for (std::string line; std::getline(in, line);)
    if (line.find("(NEEDED)") != std::string::npos) needed.push_back(line.substr(line.find('[')));
  EXPECT_EQ(needed, std::vector<std::string>{"[libc.so.6]"});
  EXPECT_NE(result.out.find("[libsgperf.so.1]"), std::string::npos) << "the SONAME";
  EXPECT_EQ(result.out.find("TEXTREL"), std::string::npos);
}

TEST_F(Host, True) {
  expect_same({"/bin/true"});
}
TEST_F(Host, False) {
  expect_same({"/bin/false"});
}
TEST_F(Host, Shell) {
  expect_same({"/bin/sh", "-c", "read x; echo got $x; (exit 3); echo $?; /bin/echo child; kill -TERM $$"}, "line\n");
}
TEST_F(Host, Python) {
  const Result probe = run({"python3", "-c", "pass"}, options_);
  if (probe.exit_code != 0) GTEST_SKIP() << "no python3 here: " << probe.err;
  expect_same({"python3", "-c",
               "import os, sys, threading, subprocess\n"
               "ts = [threading.Thread(target=lambda: sum(range(1000))) for _ in range(8)]\n"
               "[t.start() for t in ts]; [t.join() for t in ts]\n"
               "print(subprocess.run(['/bin/echo', 'child'], stdout=subprocess.PIPE).stdout)\n"
               "pid = os.fork()\n"
               "if pid == 0: os._exit(3)\n"
               "print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
               "print(sorted(int(f) for f in os.listdir('/proc/self/fd')))\n"
               "sys.exit(17)\n"});
}
TEST_F(Host, AbortsAndSignals) {
  expect_same({"/bin/sh", "-c", "kill -SEGV $$"});
  expect_same({"/bin/sh", "-c", "ulimit -c 0; kill -ABRT $$"});
}
TEST_F(Host, ClosesEveryDescriptor) {
  SKIP_WHEN_SANITIZED("a preloaded library needs an unsanitized host");
  expect_same({program("close_all")});
}

TEST_F(Host, HeaderWithoutLibraryIsOff) {
  const std::string expected = "version 0 intern 0 enable -38 phase -38 bench -38 snapshot -38 feature 0\n";
  const Result result = run_ok("bare");
  EXPECT_EQ(result.out, expected);
  EXPECT_TRUE(session_files(dir()).empty());
}
TEST_F(Host, StaticProgramWithTheHeaderIsOff) {
  if (!std::filesystem::exists(program("bare-static"))) GTEST_SKIP() << "sanitizer build: no static programs";
  options_.env.push_back("LD_PRELOAD=" + library()); // cannot reach it
  const Result result = run_ok("bare-static");
  EXPECT_EQ(result.out, "version 0 intern 0 enable -38 phase -38 bench -38 snapshot -38 feature 0\n");
  EXPECT_TRUE(session_files(dir()).empty());
}
TEST_F(Host, HeaderFindsThePreloadedLibrary) {
  SKIP_WHEN_SANITIZED("a preloaded library needs an unsanitized host");
  options_.env.push_back("LD_PRELOAD=" + library());
  run_ok("bare");
  const Session session = this->session();
  EXPECT_TRUE(session.header.flags & SGPERF_SESSION_FLAG_PRELOADED);
  EXPECT_EQ(session.sums("bare::scope").count, 1000u);
  EXPECT_EQ(session.sums("bare::count").total, 1000u);
  EXPECT_EQ(session.sums("bare::dynamic").count, 1u);
}

TEST_F(Host, SetuidProgramIsInert) {
  SKIP_WITHOUT_ROOT("makes a setuid copy");
  SKIP_WHEN_SANITIZED("sanitizers refuse setuid programs");
  if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) GTEST_SKIP() << "no_new_privs is set: setuid has no effect";
  const TempDir place(std::filesystem::exists("/var/tmp") ? "/var/tmp" : "/tmp");
  chmod(place.path().c_str(), 0755);
  chmod(cwd_.path().c_str(), 0755);
  const auto copy = place.path() / "calls-setuid";
  std::filesystem::copy_file(program("calls-absolute"), copy);
  ASSERT_EQ(chmod(copy.c_str(), 04755), 0);
  // The session folder belongs to the caller, as an attacker's would.
  ASSERT_EQ(chown(dir().c_str(), 65534, 65534), 0);
  options_.in_child = [] {
    if (setgid(65534) != 0 || setuid(65534) != 0) child_failed("setuid");
  };
  const Result result = run({copy, "10", "3"}, options_);
  if (result.exit_code == 127) GTEST_SKIP() << "another user cannot reach the library of this build: " << result.err;
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_EQ(result.out, "calls 10\n");
  EXPECT_TRUE(session_files(dir()).empty()) << "a setuid program must ignore the caller's environment";
  // The same program without the bit does make a session there: the folder was not the reason.
  ASSERT_EQ(chmod(copy.c_str(), 0755), 0);
  EXPECT_EQ(run({copy, "10", "3"}, options_).exit_code, 3);
  EXPECT_EQ(session_files(dir()).size(), 1u);
}

} // namespace
} // namespace sgperf::test
