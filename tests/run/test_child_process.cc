// SPDX-License-Identifier: Apache-2.0
// Tools that are run to their end, and those that do not come to one.
#include "run/child_process.h"
#include "run/signal_guard.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

namespace sgperf::run {
namespace {

using sgperf::test::TempDir;

std::vector<std::string> sh(const std::string &script) {
  return {"sh", "-c", script};
}

TEST(ChildProcess, OutputAndEnd) {
  const TempDir folder;
  ChildOptions how;
  how.cwd = folder.path();
  how.env = {"WHAT=a b"};
  std::string seen;
  how.on_output = [&](std::string_view text) { seen += text; };
  const ChildResult result = run_child(sh("pwd; echo \"$WHAT\" >&2; cat; exit 7"), how);
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_EQ(result.out, folder.path().string() + "\n") << "cat had nothing to read";
  EXPECT_EQ(result.log.size(), result.out.size() + 4);
  EXPECT_NE(result.log.find("a b\n"), std::string::npos);
  EXPECT_EQ(seen, result.log);
  EXPECT_EQ(failure_of(result, how), "ended with exit code 7");
  EXPECT_TRUE(run_child({"true"}).ok());
  EXPECT_EQ(failure_of(run_child({"true"}), {}), "");
}

TEST(ChildProcess, MuchOutputOnBothStreams) {
  const ChildResult result = run_child(sh("seq 1 400000; seq 1 400000 >&2; echo last"));
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.out.size(), 2688895u + 5) << "all of stdout";
  EXPECT_EQ(result.log.size(), size_t{1} << 20) << "the end of both";
}

TEST(ChildProcess, WhatCannotBeStarted) {
  const ChildResult missing = run_child({"/nowhere/tool", "x"});
  EXPECT_FALSE(missing.ok());
  EXPECT_NE(failure_of(missing, {}).find("/nowhere/tool: No such file"), std::string::npos) << failure_of(missing, {});
  ChildOptions how;
  how.cwd = "/nowhere";
  EXPECT_NE(failure_of(run_child({"true"}, how), how).find("(in /nowhere)"), std::string::npos);
}

TEST(ChildProcess, SignalsAndTime) {
  EXPECT_NE(failure_of(run_child(sh("kill -SEGV $$")), {}).find("SIGSEGV"), std::string::npos);
  ChildOptions how;
  how.timeout_s = 0.3;
  const TempDir folder;
  how.cwd = folder.path();
  const auto begin = std::chrono::steady_clock::now();
  const ChildResult result = run_child(sh("(sleep 3; echo late > late) & echo begun; sleep 60"), how);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.out, "begun\n");
  EXPECT_EQ(failure_of(result, how), "took more than 0.3 s and was ended");
  std::this_thread::sleep_for(std::chrono::milliseconds(3300));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "late")) << "its children ended with it";
}

// What holds the pipes open after the end of the tool must not hold us up.
TEST(ChildProcess, LeftBehind) {
  const auto begin = std::chrono::steady_clock::now();
  const ChildResult result = run_child(sh("sleep 60 & echo done"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.out, "done\n");
}

TEST(ChildProcess, Interrupted) {
  const SignalGuard guard;
  std::thread later([] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    raise(SIGINT);
  });
  const ChildResult result = run_child(sh("sleep 60"));
  later.join();
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(failure_of(result, {}), "interrupted");
  interrupted = 0;
}

} // namespace
} // namespace sgperf::run
