// SPDX-License-Identifier: Apache-2.0
// The benchmarks run, and what they print keeps its shape; whether the goals are met is for a quiet machine to say.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "bench/bench_line.h"
#include "support/process.h"

namespace sgperf::test {
namespace {

using bench::Verdict;

TEST(BenchLine, VerdictsFollowTheGoal) {
  EXPECT_EQ(bench::line_with_ratio("a", 1, "ns", "b", 1.05, 1.05).verdict, Verdict::pass);
  EXPECT_EQ(bench::line_with_ratio("a", 1, "ns", "b", 1.051, 1.05).verdict, Verdict::fail);
  EXPECT_EQ(bench::line_with_ratio("a", 1, "ns", "b", 9, std::nullopt).verdict, Verdict::info);
  EXPECT_EQ(bench::line_with_ratio("a", 1, "ns", "b", NAN, 1.05).verdict, Verdict::fail) << "not measured is not good";
  EXPECT_EQ(bench::line_with_ratio("a", 1, "ns", "b", 1, 1.05).goal, "<= 1.05 x");
  EXPECT_EQ(bench::line_with_limit("a", 0.5, "ns", 0.5).verdict, Verdict::pass);
  EXPECT_EQ(bench::line_with_limit("a", 0.51, "ns", 0.5).verdict, Verdict::fail);
  EXPECT_EQ(bench::line_with_limit("a", NAN, "ns", 0.5).verdict, Verdict::fail);
  EXPECT_EQ(bench::line_with_limit("a", 0, "us", 100).goal, "<= 100 us");
}

TEST(BenchLine, MedianAndQuartiles) {
  const auto five = bench::summarize({5, 1, 4, 2, 3});
  EXPECT_EQ(five.median, 3);
  EXPECT_EQ(five.low, 2);
  EXPECT_EQ(five.high, 4);
  EXPECT_EQ(bench::summarize({1, 2}).median, 1.5);
  EXPECT_EQ(bench::summarize({7}).low, 7);
  EXPECT_TRUE(std::isnan(bench::summarize({}).median));
}

const std::set<std::string> keys = {"name", "value", "unit", "yardstick", "ratio", "goal", "verdict"};

std::vector<nlohmann::json> json_lines(const std::string &out) {
  std::vector<nlohmann::json> lines;
  std::istringstream in(out);
  for (std::string line; std::getline(in, line);) {
    auto object = nlohmann::json::parse(line, nullptr, false);
    EXPECT_TRUE(object.is_object()) << line;
    std::set<std::string> found;
    for (const auto &item : object.items()) found.insert(item.key());
    EXPECT_EQ(found, keys) << line;
    lines.push_back(object);
  }
  return lines;
}

std::string bench_program(const std::string &name) {
  return build_dir() / "tests/bench" / name;
}

TEST(Bench, ScopePrintsEveryMeasureThatHasAGoal) {
#if !defined(__x86_64__)
  GTEST_SKIP() << "the assembly yardstick is written for x86-64";
#endif
  if (!std::filesystem::exists(bench_program("bench-scope"))) GTEST_SKIP() << "not built here";
  const std::set<std::filesystem::path> before(std::filesystem::directory_iterator("/dev/shm"), {});
  Options options;
  options.env = {"SGPERF_DIR", "SGPERF_SITES=!*"}; // the benchmark has its own folder and sites
  const Result result = run({bench_program("bench-scope"), "--json", "--rounds", "3", "--pairs", "12"}, options);
  EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 1) << result.exit_code << result.err; // 1: a goal was missed
  EXPECT_NE(result.err.find("# machine: "), std::string::npos) << "CPU and load, beside the JSON";
  std::map<std::string, nlohmann::json> by_name;
  for (const auto &line : json_lines(result.out)) {
    EXPECT_TRUE(by_name.emplace(line["name"], line).second) << line["name"] << " twice";
    EXPECT_GT(line["value"].get<double>(), line["name"] == "startup-preload" ? -1e6 : 0) << line.dump();
    if (line["goal"].is_null()) {
      EXPECT_EQ(line["verdict"], "info") << line.dump();
    } else {
      EXPECT_NE(line["verdict"], "info") << "a measure that has a goal is never info: " << line.dump();
    }
  }
  const auto expect_goal = [&](const std::string &name, const std::string &goal) {
    ASSERT_TRUE(by_name.contains(name)) << name;
    EXPECT_EQ(by_name[name]["goal"], goal) << name;
  };
  for (const std::string compiler : {"gcc", "clang"}) {
    expect_goal("scope-" + compiler + "-exe", "<= 1.05 x");
    expect_goal("scope-" + compiler + "-so", "<= 1.10 x");
    for (const std::string kind : {"exe", "so"}) {
      const std::string build = compiler + "-" + kind;
      EXPECT_EQ(by_name["scope-" + build]["yardstick"], "scope-asm");
      expect_goal("scope-rdtsc-" + build, "<= 1.30 x");
      EXPECT_EQ(by_name["scope-rdtsc-" + build]["yardstick"], "rdtsc-pair");
      expect_goal("disabled-" + build, "<= 0.5 ns");
      expect_goal("histogram-" + build, "<= 1.25 x");
      expect_goal("counter-" + build, "<= 3 ns");
      expect_goal("twin-" + build, "<= 1.20 x");
    }
  }
  expect_goal("two-threads", "<= 1.10 x");
  expect_goal("startup-preload", "<= 100 us");
  const std::set<std::filesystem::path> after(std::filesystem::directory_iterator("/dev/shm"), {});
  for (const auto &path : after)
    EXPECT_TRUE(before.contains(path) || path.filename().string().find("sgperf-bench-") != 0)
        << "left behind: " << path;
}

TEST(Bench, StartupAsText) {
  if (!std::filesystem::exists(bench_program("bench-startup"))) GTEST_SKIP() << "not built here";
  const Result result = run({bench_program("bench-startup"), "--pairs", "10"});
  EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 1) << result.err;
  EXPECT_EQ(result.out.find("# machine: "), 0u);
  std::istringstream in(result.out);
  size_t measures = 0;
  for (std::string line; std::getline(in, line);) {
    if (line[0] == '#') continue;
    std::istringstream words(line);
    std::string name, value, unit, yardstick, ratio, goal, verdict, more;
    words >> name >> value >> unit >> yardstick >> ratio >> goal >> verdict;
    EXPECT_FALSE(words >> more) << "seven columns of one word: " << line;
    EXPECT_EQ(name, "startup-preload");
    EXPECT_EQ(goal, "<=100us");
    EXPECT_TRUE(verdict == "pass" || verdict == "fail") << verdict;
    ++measures;
  }
  EXPECT_EQ(measures, 1u);
}

TEST(Bench, PreloadMeasuresStartEndMemoryAndCopies) {
  if (!std::filesystem::exists(bench_program("bench-preload"))) GTEST_SKIP() << "not built here";
  const Result result = run({bench_program("bench-preload"), "--json", "--pairs", "5"});
  ASSERT_TRUE(result.exit_code == 0 || result.exit_code == 1) << result.exit_code << result.err;
  std::map<std::string, nlohmann::json> by_name;
  for (const auto &line : json_lines(result.out)) by_name.emplace(line["name"], line);
  for (const auto &[name, goal] : std::map<std::string, std::string>{{"preload-start", "<= 100 us"},
                                                                     {"preload-start-child", "<= 100 us"},
                                                                     {"preload-exit", "<= 1 ms"},
                                                                     {"preload-memory", "<= 256 KiB"},
                                                                     {"preload-copy-1mb", "<= 5 ms/MB"},
                                                                     {"preload-copy-16mb", "<= 5 ms/MB"}}) {
    ASSERT_TRUE(by_name.contains(name)) << name << "\n" << result.out;
    EXPECT_EQ(by_name[name]["goal"], goal);
    EXPECT_NE(by_name[name]["verdict"], "info");
    EXPECT_EQ(by_name[name]["yardstick"], "empty-library");
  }
  EXPECT_GT(by_name["preload-copy-16mb"]["value"].get<double>(), 0) << "a copy takes time, or there was none";
}

TEST(Bench, JitImportReadsAllAndLeavesNothing) {
  const TempDir dir;
  Options options;
  options.env = {"TMPDIR=" + dir.path().string()};
  const Result result = run(
      {bench_program("bench-jit-import"), "--json", "--functions", "3000", "--perf", "30", "--rounds", "2"}, options);
  ASSERT_TRUE(result.exit_code == 0 || result.exit_code == 1) << result.exit_code << result.err;
  std::map<std::string, nlohmann::json> by_name;
  for (const auto &line : json_lines(result.out)) by_name.emplace(line["name"], line);
  for (const char *name : {"read-3k", "read-3k-lines", "import-3k", "import-3k-size"}) {
    ASSERT_TRUE(by_name.contains(name)) << name << "\n" << result.out;
    EXPECT_NE(by_name[name]["verdict"], "info") << name;
    EXPECT_GT(by_name[name]["value"].get<double>(), 0) << name;
  }
  // The one verdict that no load changes.
  EXPECT_EQ(by_name["import-3k-size"]["verdict"], "pass") << by_name["import-3k-size"].dump();
  if (result.err.find("perf inject not measured") == std::string::npos) {
    EXPECT_EQ(by_name["import-30"]["yardstick"], "perf-inject-30");
    EXPECT_LT(by_name["import-30"]["ratio"].get<double>(), 1);
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir.path())) << "dumps and images are removed";
}

TEST(Bench, EngineCallsWithAndWithoutTheLibrary) {
  const Result result = run({bench_program("bench-engine-call"), "--json", "--rounds", "1"});
  EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 1) << result.err;
  std::map<std::string, double> values;
  std::istringstream in(result.out);
  for (std::string line; std::getline(in, line);) {
    const auto row = nlohmann::json::parse(line);
    values[row["name"]] = row["value"];
  }
  ASSERT_EQ(values.size(), 3u) << result.out;
  EXPECT_GT(values["engine-call"], 0);
  EXPECT_GT(values["engine-call-live"], values["engine-call-off"]) << "was there a session?";
}

TEST(Bench, AdaptersBesideBareEngines) {
  Options options;
  // An empty cache: engines of the cache are missing, and the bench says so and goes on.
  const TempDir dir;
  options.env = {"SGPERF_CACHE=" + dir.path().string()};
  const Result none =
      run({bench_program("bench-adapters"), "--json", "--engine", "wasm3", "--processes", "1"}, options);
  EXPECT_EQ(none.exit_code, 4) << none.err;
  EXPECT_NE(none.err.find("wasm3"), std::string::npos) << none.err;
  EXPECT_NE(none.err.find("not installed"), std::string::npos) << none.err;
  const Result result = run({bench_program("bench-adapters"), "--json", "--engine", "wasmtime", "--processes", "1",
                             "--pairs", "5", "--compiles", "1"});
  if (result.exit_code == 4) GTEST_SKIP() << result.err;
  ASSERT_TRUE(result.exit_code == 0 || result.exit_code == 1) << result.exit_code << result.err;
  std::map<std::string, nlohmann::json> by_name;
  for (const auto &line : json_lines(result.out)) by_name.emplace(line["name"], line);
  for (const auto &[name, goal] : std::map<std::string, std::string>{{"call-wasmtime-cranelift", "<= 1.02 x"},
                                                                     {"call-wasmtime-winch", "<= 1.02 x"},
                                                                     {"compile-wasmtime-winch", "<= 1.01 x"}}) {
    ASSERT_TRUE(by_name.contains(name)) << name << "\n" << result.out;
    EXPECT_EQ(by_name[name]["goal"], goal);
    EXPECT_EQ(by_name[name]["yardstick"], "bare");
    EXPECT_NE(by_name[name]["verdict"], "info");
    EXPECT_GT(by_name[name]["value"].get<double>(), 0);
    EXPECT_GT(by_name[name]["ratio"].get<double>(), 0.2) << "one side did nothing";
    EXPECT_LT(by_name[name]["ratio"].get<double>(), 5) << "one side did nothing";
  }
}

TEST(Bench, BadArgumentsAreUsage) {
  for (const char *name :
       {"bench-scope", "bench-startup", "bench-preload", "bench-jit-import", "bench-engine-call", "bench-adapters"}) {
    if (!std::filesystem::exists(bench_program(name))) continue;
    const Result result = run({bench_program(name), "--nonsense"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_NE(result.err.find("--nonsense"), std::string::npos);
  }
}

} // namespace
} // namespace sgperf::test
