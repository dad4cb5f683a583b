// SPDX-License-Identifier: Apache-2.0
// Things that happen at the same time: no deadlock, no crash, exact counts.
#include <signal.h>

#include "libsgperf/fixture.h"

namespace sgperf::test {
namespace {

class Races : public Libsgperf {
protected:
  void SetUp() override {
    Libsgperf::SetUp();
    SKIP_WITH_TSAN("it cannot see the lock of the library, which is never instrumented, and reports false races");
    options_.timeout_s = 30; // a deadlock
  }
};

TEST_F(Races, SwitchingWhileALibraryIsUnloaded) {
  const Result result = run_ok("races", {"unload", "800", build_dir() / "tests/libsgperf/programs/libplugin.so"});
  EXPECT_GT(number_after(result.out, "rounds"), 20u);
  EXPECT_LE(session().sums("plugin::outer").count, number_after(result.out, "rounds") * 3);
}

TEST_F(Races, ForkWhileOtherThreadsMakeSites) {
  for (const char *mode : {"0", "follow"}) {
    SCOPED_TRACE(mode);
    options_.env.push_back(std::string("SGPERF_FORK=") + mode);
    const Result result = run_ok("races", {"fork", "600"});
    const uint64_t children = number_after(result.out, "children");
    EXPECT_GT(children, 5u);
    const auto files = session_files(dir());
    EXPECT_EQ(files.size(), std::string(mode) == "follow" ? children + 1 : 1u);
    ASSERT_FALSE(files.empty());
    for (const auto &file : files) {
      const Session session = read_session(file);
      const bool parent = session.header.pid == static_cast<uint32_t>(result.pid);
      EXPECT_EQ(session.sums("race::scope").count, parent ? number_after(result.out, "scopes") : 1000u);
      EXPECT_EQ(session.phases_named("child").size(), parent ? 0u : 1u);
      std::filesystem::remove(file);
    }
  }
}

TEST_F(Races, SignalHandlersMayDoEverything) {
  const Result result = run_ok("races", {"signal", "800"});
  const uint64_t handled = number_after(result.out, "handled");
  EXPECT_GT(handled, 100u);
  const Session session = this->session();
  // A handler that interrupts the library itself may get a "no": its events are then counted as lost, not lost
  // silently.
  const uint64_t lost = session.header.dropped.threads + session.header.dropped.sites;
  EXPECT_EQ(session.sums("race::scope").count, number_after(result.out, "scopes"));
  EXPECT_LE(session.sums("race::handler").count, handled);
  EXPECT_GE(session.sums("race::handler").count + lost + 1, handled);
  EXPECT_EQ(session.sums("race::handler_inner").self, session.sums("race::handler_inner").total);
  for (const char *name : {"race::scope", "race::handler", "race::outer"})
    EXPECT_LE(session.ns(session.sums(name).max), 5e9) << name;
  for (const Block &block : session.blocks) EXPECT_EQ(block.site, 0u);
}

TEST_F(Races, AThreadStartsAsTheFilterComes) {
  SKIP_WHEN_SANITIZED("the sanitizer makes system calls of its own, which the filter kills for");
  int killed = 0;
  for (int round = 0; round < 150; ++round) {
    const Result result = run_program("races", {"filter", std::to_string(round % 50)});
    killed += result.signal == SIGSYS;
    EXPECT_TRUE(result.signal == SIGSYS || (result.signal == 0 && result.exit_code == 0))
        << result.signal << " " << result.exit_code;
    for (const auto &file : session_files(dir())) {
      if (result.signal == 0) {
        EXPECT_GE(read_session(file).sums("race::scope").count, 1001u);
      }
      std::filesystem::remove(file);
    }
  }
  EXPECT_EQ(killed, 0) << "of 150 programs: the library made a system call after the filter was on";
}

} // namespace
} // namespace sgperf::test
