// SPDX-License-Identifier: Apache-2.0
// What the scopes of the shim show of one call: each layer, its count, and times that nest.
#include "support/process.h"
#include "support/session.h"

#include <gtest/gtest.h>

using namespace sgperf::test;

namespace {

Result play(const std::string &function, long calls, const std::filesystem::path &sessions, bool preload = true) {
  Options options;
  options.env = {"SGPERF_DIR=" + sessions.string(), "SGPERF_SITES", "SGPERF_TIMER",
                 "ASAN_OPTIONS=verify_asan_link_order=0"}; // sanitizer builds: the preloaded library comes first
  if (preload) options.env.push_back("LD_PRELOAD=" + (build_dir() / "libsgperf/libsgperf.so.1").string());
  return run({(build_dir() / "tests/wasi/wasi-layers").string(), std::to_string(calls), function}, options);
}

} // namespace

TEST(Layers, AMillionCallsOfFdClose) {
  TempDir dir;
  const uint64_t calls = 1'000'000;
  Result result = play("fd_close", calls, dir.path());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "badf\n"); // the kernel's answer
  Session session = only_session(dir.path());
  Sums adapter = session.sums("adapter::import"), call = session.sums("wasi::fd_close"),
       lookup = session.sums("wasi_table::lookup"), kernel = session.sums("kernel::close");
  for (const Sums *one : {&adapter, &call, &lookup, &kernel}) {
    EXPECT_EQ(one->count, calls);
    EXPECT_GT(one->total, 0u);
    EXPECT_LE(one->self, one->total);
  }
  EXPECT_GE(adapter.total, call.total);
  EXPECT_EQ(adapter.self, adapter.total - call.total);
  EXPECT_GE(call.total, lookup.total + kernel.total);
  EXPECT_EQ(call.self, call.total - lookup.total - kernel.total);
  EXPECT_EQ(kernel.self, kernel.total);
  EXPECT_GT(kernel.total, lookup.total); // a system call against an index into a vector
}

TEST(Layers, OtherCallsHaveTheirOwn) {
  {
    TempDir dir;
    ASSERT_EQ(play("clock_time_get", 1000, dir.path()).out, "success\n");
    Session session = only_session(dir.path());
    EXPECT_EQ(session.sums("wasi::clock_time_get").count, 1000u);
    EXPECT_EQ(session.sums("kernel::clock_gettime").count, 1000u);
  }
  TempDir dir;
  ASSERT_EQ(play("fd_read", 1000, dir.path()).out, "success\n");
  Session session = only_session(dir.path());
  EXPECT_EQ(session.sums("wasi::fd_read").count, 1000u);
  EXPECT_EQ(session.sums("wasi_table::lookup").count, 1000u);
  EXPECT_EQ(session.sums("kernel::readv").count, 1000u);
}

TEST(Layers, NothingWithoutTheRuntime) {
  TempDir dir;
  Result result = play("fd_close", 1000, dir.path(), false);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "badf\n");
  EXPECT_TRUE(session_files(dir.path()).empty());
}
