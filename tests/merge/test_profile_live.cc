// SPDX-License-Identifier: Apache-2.0
// Stacks and names of programs that ran: recorded by the command, read as the report reads them.
#include "merge/recording.h"
#include "support/cache.h"

#include <sys/stat.h>

#include <cstdlib>
#include <regex>

namespace sgperf::test {
namespace {

namespace fs = std::filesystem;

class LiveProfile : public ::testing::Test {
protected:
  LiveProfile() : runtime_("/dev/shm") { chmod(runtime_.path().c_str(), 0700); }

  // The command's exit code is that of the program; no perf.data: `why` says so.
  merge::Profile record(const std::vector<std::string> &command, std::string &why) {
    std::vector<std::string> all{
        build_dir() / "cli/command/sgperf", "record", "-q", "-F", "3000", "-o", "recording", "--"};
    all.insert(all.end(), command.begin(), command.end());
    Options options;
    options.cwd = dir_.path();
    options.timeout_s = 120;
    options.env = {"XDG_RUNTIME_DIR=" + runtime_.path().string(), "SGPERF_DIR", "LD_PRELOAD", "SGPERF_SITES"};
    const Result result = run(all, options);
    if (!fs::exists(dir_.path() / "recording/perf.data")) {
      why = "perf events are refused here: " + result.err;
      return {};
    }
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return load_profile_of(dir_.path() / "recording");
  }
  static std::string pairs(const std::string &how) { return build_dir() / ("tests/merge/pairs-" + how); }

  struct Callers {
    uint64_t right = 0, wrong = 0; // samples of leaf_N and caller_N, by their next frame
    std::string example;           // of a wrong one
    double share() const { return static_cast<double>(right) / static_cast<double>(right + wrong); }
  };
  // leaf_N is called by caller_N, and that by rounds.  What the kernel did meanwhile stands in front.
  static Callers callers(const merge::Profile &profile) {
    static const std::regex name("(?:.*!)?(leaf|caller)_([0-9]+)");
    Callers out;
    for (const auto &sample : profile.samples) {
      std::vector<std::string> stack = stack_of(profile, sample);
      while (!stack.empty() && function_named(profile, stack[0])->side == merge::Side::kernel)
        stack.erase(stack.begin());
      std::smatch match;
      if (stack.empty() || !std::regex_match(stack[0], match, name)) continue;
      const std::string wanted = match[1] == "leaf" ? "caller_" + match[2].str() : "rounds";
      const std::string found = stack.size() > 1 ? stack[1] : "";
      if (found == wanted || found.ends_with("!" + wanted)) {
        ++out.right;
        continue;
      }
      ++out.wrong;
      out.example = "";
      for (const auto &frame : stack) out.example += frame + " < ";
    }
    return out;
  }

  TempDir dir_, runtime_;
};

// Frame pointers in all functions, in all but leaves, in none: the caller of the innermost one is right.
TEST_F(LiveProfile, CallersOfNativeLeaves) {
  for (const char *how : {"frames", "leaves", "none"}) {
    std::string why;
    const merge::Profile profile = record({pairs(how)}, why);
    if (!why.empty()) GTEST_SKIP() << why;
    const Callers found = callers(profile);
    EXPECT_GT(found.right, 200u) << how;
    EXPECT_GE(found.share(), 0.995) << how << ": " << found.wrong << " of " << found.right + found.wrong
                                    << " wrong, as " << found.example;
    EXPECT_GT(profile.coverage.repaired, 20u) << how << ": there was nothing to repair, so this showed nothing";
    if (std::string_view(how) == "none") continue; // frame pointers lead nowhere
    EXPECT_GE(profile.coverage.complete * 100, profile.coverage.samples * 95) << how;
  }
}

TEST_F(LiveProfile, CallersOfWasmLeaves) {
  const fs::path wasmtime = stock_wasmtime();
  if (!fs::exists(wasmtime)) GTEST_SKIP() << wasmtime << " is missing (./dev test fetches it)";
  const fs::path module = dir_.path() / "pairs.wasm";
  const Result built = run(
      {"clang-16", "--target=wasm32-wasi", "-O1", "-g", source_dir() / "tests/merge/programs/pairs.c", "-o", module});
  ASSERT_EQ(built.exit_code, 0) << built.err;
  std::string why;
  const merge::Profile profile = record({wasmtime, "run", module}, why);
  if (!why.empty()) GTEST_SKIP() << why;
  const Callers found = callers(profile);
  EXPECT_GT(found.right, 200u);
  EXPECT_GE(found.share(), 0.995) << found.wrong << " of " << found.right + found.wrong << " wrong, as "
                                  << found.example;
  EXPECT_GT(profile.coverage.repaired, 20u);
  EXPECT_EQ(profile.coverage.jit_unnamed, 0u);
  EXPECT_GE(profile.coverage.jit_lines * 100, profile.coverage.jit * 50);
  const merge::ProfileFunction *leaf = function_named(profile, "pairs!leaf_7");
  ASSERT_NE(leaf, nullptr);
  EXPECT_EQ(leaf->side, merge::Side::guest);
  EXPECT_EQ(leaf->module, "pairs");
  for (const auto &line : profile.lines) {
    if (profile.functions[line.function].name != "pairs!leaf_7") continue;
    EXPECT_TRUE(line.file.ends_with("pairs.c")) << line.file;
  }
}

// Threads begin in libc's own code, which has no names without its debug package.
TEST_F(LiveProfile, StacksOfThreadsReachTheirStart) {
  std::string why;
  const merge::Profile profile = record({pairs("threads")}, why);
  if (!why.empty()) GTEST_SKIP() << why;
  EXPECT_GT(profile.samples.size(), 200u);
  std::map<uint32_t, uint64_t> threads;
  std::string example;
  for (const auto &sample : profile.samples) {
    ++threads[sample.tid];
    if (sample.complete) continue;
    example.clear();
    for (const auto &frame : stack_of(profile, sample)) example += frame + " < ";
  }
  EXPECT_GE(threads.size(), 3u);
  EXPECT_GE(profile.coverage.complete * 100, profile.coverage.samples * 95) << example;
  EXPECT_EQ(profile.processes.size(), 1u) << "threads are no processes";
}

} // namespace
} // namespace sgperf::test
