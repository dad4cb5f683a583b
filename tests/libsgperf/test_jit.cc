// SPDX-License-Identifier: Apache-2.0
// JIT records come back from the code file as they were given.
#include <errno.h>

#include "libsgperf/fixture.h"

namespace sgperf::test {
namespace {

class Jit : public Libsgperf {
protected:
  std::vector<CodeRecord> records() {
    const auto files = code_files(dir());
    EXPECT_EQ(files.size(), 1u);
    if (files.empty()) return {};
    EXPECT_EQ(files[0].stem().string().substr(5), session().key()) << "the code file has its session's key";
    EXPECT_EQ(std::filesystem::status(files[0]).permissions(), std::filesystem::perms(0600));
    auto out = read_code(files[0], &header_);
    EXPECT_EQ(header_.pid, session().header.pid);
    EXPECT_EQ(session().header.jit_count, out.size());
    return out;
  }
  sgperf_code_header header_{};
};

TEST_F(Jit, LoadsAndUnloads) {
  const Result result = run_ok("jits", {"100"});
  EXPECT_EQ(value_of(result.out, "failed"), 0);
  const auto all = records();
  EXPECT_EQ(header_.dropped, 0u);
  ASSERT_GE(all.size(), 152u); // 100 loads, 50 unloads, the macros
  uint64_t time = 0;
  for (const auto &code : all) {
    EXPECT_GE(code.record.time, time) << "in the order of time";
    time = code.record.time;
    EXPECT_NE(code.record.tid, 0u);
  }
  for (unsigned i = 0; i < 100; ++i) {
    const auto &code = all[i];
    SCOPED_TRACE(i);
    EXPECT_EQ(code.record.kind, unsigned{SGPERF_CODE_FUNCTION});
    EXPECT_EQ(code.name, "jit::function_" + std::to_string(i));
    EXPECT_EQ(code.record.base, 0x10000000u + i * 0x100u);
    EXPECT_EQ(code.record.length, 64u);
    EXPECT_EQ(code.bytes, i % 3 == 2 ? std::string() : std::string(64, static_cast<char>(i)));
  }
  for (unsigned i = 0; i < 50; ++i) {
    EXPECT_EQ(all[100 + i].record.kind, unsigned{SGPERF_CODE_UNLOAD});
    EXPECT_EQ(all[100 + i].record.base, 0x10000000u + i * 0x100u);
  }
  EXPECT_EQ(all[150].name, "jit::macro");
  EXPECT_EQ(all[151].record.kind, unsigned{SGPERF_CODE_UNLOAD});
  EXPECT_EQ(all[151].record.base, all[150].record.base);
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto now_ns = static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
  EXPECT_LE(time, now_ns);
  EXPECT_GE(time + 60000000000u, now_ns) << "CLOCK_MONOTONIC";
}

TEST_F(Jit, Mistakes) {
  const Result result = run_ok("jits", {"1"});
  EXPECT_EQ(value_of(result.out, "null"), -EINVAL);
  EXPECT_EQ(value_of(result.out, "no_name"), -EINVAL);
  EXPECT_EQ(value_of(result.out, "newer"), -E2BIG) << "options of a newer header that this library cannot honour";
  EXPECT_EQ(value_of(result.out, "newer_zero"), 0) << "unknown members that are zero ask for nothing";
  size_t newer = 0;
  for (const auto &code : records()) newer += code.name == "jit::newer";
  EXPECT_EQ(newer, 1u);
}

TEST_F(Jit, ManyMoreThanFirstFit) {
  const Result result = run_ok("jits", {"60000"});
  const auto all = records();
  size_t loads = 0;
  for (const auto &code : all) loads += code.name.starts_with("jit::function_");
  EXPECT_EQ(session().header.dropped.jit, header_.dropped);
  EXPECT_GE(loads, 10000u);
  if (value_of(result.out, "failed") == 0) {
    EXPECT_EQ(loads, 60000u) << "a call said 0 and the record is not there";
  }
}

TEST_F(Jit, NoCodeNoFile) {
  run_ok("calls", {"10"});
  EXPECT_TRUE(code_files(dir()).empty()) << "a program without JIT code pays for no code file";
}

} // namespace
} // namespace sgperf::test
