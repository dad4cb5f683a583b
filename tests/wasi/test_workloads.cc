// SPDX-License-Identifier: Apache-2.0
// The workloads of our own as they were built: shape of the folder, both marks, and the native object's output, twice
// in one process.  The modules are run by tests/engines and tests/run.
#include "native_workload.h"

#include <gtest/gtest.h>
#include <set>

using namespace sgperf::test;
namespace fs = std::filesystem;

namespace {

std::set<std::string> all() {
  std::set<std::string> out{"noop"};
  for (const char *name : {"default", "smoke", "wasi", "polybench", "shootout"})
    for (const std::string &one : suite(name)) out.insert(one);
  return out;
}

class Workloads : public testing::Test {
protected:
  void SetUp() override {
    if (!WORKLOADS_BUILT) GTEST_SKIP() << "built with -Dworkloads=false: there are no workloads";
  }
};

} // namespace

TEST_F(Workloads, SuitesNameWhatIsThere) {
  EXPECT_EQ(suite("default").size(), 10u);
  EXPECT_EQ(suite("smoke").size(), 5u);
  EXPECT_EQ(suite("wasi").size(), 7u);
  EXPECT_EQ(suite("polybench").size(), 30u);
  EXPECT_EQ(suite("shootout").size(), 20u);
  for (const std::string &name : all()) {
    const fs::path base = workload_base(name);
    for (const char *kind : {".wasm", ".so", ".stdout.expected"})
      EXPECT_TRUE(fs::is_regular_file(base.string() + kind)) << base.string() + kind;
    std::string module = read_file(base.string() + ".wasm");
    EXPECT_EQ(module.substr(0, 8), std::string("\0asm\1\0\0\0", 8)) << name;
    // An import is {length, module, length, field, kind 0 = function}.
    EXPECT_NE(module.find(std::string("\5bench\5start\0", 13)), std::string::npos) << name;
    EXPECT_NE(module.find(std::string("\5bench\3end\0", 11)), std::string::npos) << name;
    EXPECT_EQ(module.find(".debug_info"), std::string::npos) << name << " carries debug data of the C library";
  }
}

TEST_F(Workloads, NativeObjectsPrintWhatIsExpectedEachTime) {
  for (const std::string &name : all()) {
    const fs::path base = workload_base(name);
    Result result = run_native(base, 2);
    EXPECT_EQ(result.exit_code, 0) << name << ": " << result.err;
    std::string expected = read_file(base.string() + ".stdout.expected");
    EXPECT_EQ(result.out, expected + expected) << name;
  }
}

TEST_F(Workloads, CountsOfCallsAreWhatTheProgramsSay) {
  for (const std::string &name : suite("wasi")) {
    std::string calls = read_file(workloads_folder() / name / (name + ".calls"));
    ASSERT_FALSE(calls.empty()) << name;
    std::string expected = read_file(workloads_folder() / name / (name + ".stdout.expected"));
    EXPECT_NE(expected.find("calls " + calls), std::string::npos) << name;
    EXPECT_NE(expected.find("as-expected " + calls), std::string::npos) << name;
  }
  EXPECT_EQ(read_file(workloads_folder() / "wasi-fd_close/wasi-fd_close.calls"), "1000000\n");
}

// Results that can be looked up or worked out on paper.
TEST_F(Workloads, ExpectedOutputIsRight) {
  auto expected = [](const std::string &name) { return read_file(workload_base(name).string() + ".stdout.expected"); };
  EXPECT_EQ(expected("fibonacci"), "fibonacci 2178309\n");
  EXPECT_EQ(expected("ackermann"), "ackermann 2045\n");              // 2^(8+3) - 3
  EXPECT_EQ(expected("sieve"), "primes 148933\nlargest 1999993\n");  // pi(2 000 000)
  EXPECT_EQ(expected("add-one"), "add-one 12416\n");                 // x = (x + 1) ^ (x >> 7), from 12345
  EXPECT_EQ(expected("base64").find("encoded-bytes 1398104\n"), 0u); // 4 * ceil((2^20 + 1) / 3)
  EXPECT_NE(expected("base64").find("same-after-decoding 1\n"), std::string::npos);
  EXPECT_EQ(expected("heapsort").find("unsorted 0\n"), 0u);
  // FIPS 180's own example.
  EXPECT_EQ(expected("sha256").find("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n"), 0u);
  EXPECT_EQ(expected("noop"), "");
}
