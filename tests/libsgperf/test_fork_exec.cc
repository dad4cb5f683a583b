// SPDX-License-Identifier: Apache-2.0
#include "libsgperf/fixture.h"

namespace sgperf::test {
namespace {

class Fork : public Libsgperf {};
class Exec : public Libsgperf {};

void check_parent(const Session &session, uint64_t scopes) {
  EXPECT_EQ(session.sums("fork::work").count, scopes)
      << "the child's scopes must not be among the parent's, nor overwrite them";
  EXPECT_EQ(session.sums("fork::open_over_fork").count, 1u);
  EXPECT_FALSE(session.site("fork::only_child")) << "a name of the child came into the parent's session";
  EXPECT_EQ(session.header.state, unsigned{SGPERF_SESSION_EXITED});
}

TEST_F(Fork, ParentIsExactAndChildDetached) {
  for (const bool thread : {false, true}) {
    SCOPED_TRACE(thread ? "forked by a second thread" : "forked by the first thread");
    run_ok("forks", thread ? std::vector<std::string>{"1000", "300000", "300000", "thread"}
                           : std::vector<std::string>{"1000", "300000", "300000"});
    check_parent(session(), 301000);
    for (const auto &file : session_files(dir())) std::filesystem::remove(file);
  }
}

TEST_F(Fork, FollowGivesTheChildItsOwnSession) {
  options_.env.push_back("SGPERF_FORK=follow");
  for (const bool thread : {false, true}) {
    SCOPED_TRACE(thread ? "forked by a second thread" : "forked by the first thread");
    const Result result = run_ok("forks", thread ? std::vector<std::string>{"1000", "200000", "100000", "thread"}
                                                 : std::vector<std::string>{"1000", "200000", "100000"});
    const auto files = session_files(dir());
    ASSERT_EQ(files.size(), 2u);
    const Session parent = read_session(files[0]), child = read_session(files[1]);
    check_parent(parent, 201000);
    EXPECT_EQ(parent.header.pid, static_cast<uint32_t>(result.pid));
    EXPECT_EQ(child.header.pid, value_of(result.out, "child"));
    EXPECT_EQ(child.header.ppid, parent.header.pid);
    EXPECT_EQ(std::string(child.header.parent_key), parent.key());
    EXPECT_TRUE(parent.header.flags & SGPERF_SESSION_FLAG_FORK_FOLLOW);
    EXPECT_EQ(child.sums("fork::work").count, 100000u)
        << "exactly the child's own, none of the parent's before the fork";
    EXPECT_EQ(child.sums("fork::only_child").count, 1u);
    EXPECT_EQ(child.sums("fork::child_thread").count, 1u);
    EXPECT_EQ(child.header.state, unsigned{SGPERF_SESSION_EXITED});
    for (const auto &file : files) std::filesystem::remove(file);
  }
}

TEST_F(Exec, EachImageHasItsSessionAndThePidStays) {
  const Result result = run_ok("execs", {"4"}, 5);
  EXPECT_EQ(result.out, "last\n");
  const auto files = session_files(dir());
  ASSERT_EQ(files.size(), 4u) << "exec keeps the pid: the time in the key keeps the sessions apart";
  const std::string first = read_session(files[0]).key();
  uint64_t expected = 4;
  for (const auto &file : files) {
    const Session session = read_session(file);
    EXPECT_EQ(session.header.pid, static_cast<uint32_t>(result.pid));
    EXPECT_EQ(session.sums("exec::step").count, expected--);
    EXPECT_EQ(std::string(session.header.parent_key), session.key() == first ? "" : first);
  }
}

TEST_F(Exec, AShellBetweenIsNoObstacle) {
  SKIP_WHEN_SANITIZED("a preloaded library needs an unsanitized host");
  options_.env.push_back("LD_PRELOAD=" + library());
  const Result result = run({"/bin/sh", "-c", "exec " + program("execs") + " 2"}, options_);
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_EQ(result.out, "last\n");
  const auto files = session_files(dir());
  ASSERT_EQ(files.size(), 3u); // sh, execs 2, execs 1: one pid
  const std::string first = read_session(files[0]).key();
  for (const auto &file : files) {
    const Session session = read_session(file);
    EXPECT_EQ(session.header.pid, static_cast<uint32_t>(result.pid));
    EXPECT_EQ(std::string(session.header.parent_key), session.key() == first ? "" : first);
  }
}

} // namespace
} // namespace sgperf::test
