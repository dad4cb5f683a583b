// SPDX-License-Identifier: Apache-2.0
// `sgperf export` of real recordings: every form says what the report says.
#include "support/cache.h"
#include "support/process.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>

namespace sgperf::test {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;

class Export : public ::testing::Test {
protected:
  Export() : runtime_("/dev/shm") { chmod(runtime_.path().c_str(), 0700); }

  Options options() const {
    Options out;
    out.cwd = dir_.path();
    out.timeout_s = 120;
    out.env = {"XDG_RUNTIME_DIR=" + runtime_.path().string(),
               "HOME=" + dir_.path().string(), // perf's cache of build ids
               "PERF_CONFIG=/dev/null",
               "DEBUGINFOD_URLS",
               "SGPERF_DIR",
               "LD_PRELOAD",
               "SGPERF_SITES"};
    return out;
  }
  Result sgperf(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), build_dir() / "cli/command/sgperf");
    return run(arguments, options());
  }
  // False: no samples can be had here, and the test is to be skipped.
  bool record(std::vector<std::string> command) {
    std::vector<std::string> arguments{"record", "-q", "-F", "2000", "--"};
    arguments.insert(arguments.end(), command.begin(), command.end());
    const Result result = sgperf(arguments);
    EXPECT_LT(result.exit_code, 4) << result.err;
    return fs::exists(dir_.path() / "sgperf.data/perf.data");
  }
  json profile() { return json::parse(sgperf({"report", "sgperf.data", "--json"}).out)["profile"]; }

  // Symbol -> samples, as stock perf counts them.
  std::map<std::string, uint64_t> perf_report(const std::string &file) {
    const Result result = run({"perf", "report", "-i", file, "--stdio", "--no-children", "-g", "none", "-F",
                               "sample,symbol", "-t", ";", "--percent-limit", "0"},
                              options());
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::map<std::string, uint64_t> rows;
    std::istringstream in(result.out);
    for (std::string line; std::getline(in, line);) {
      const size_t mark = line.find(";[");
      if (line.starts_with('#') || mark == std::string::npos || mark + 5 > line.size()) continue;
      std::string name = line.substr(mark + 5);
      name.erase(name.find_last_not_of(' ') + 1);
      rows[name] += std::strtoull(line.c_str(), nullptr, 10);
    }
    return rows;
  }
  static bool have_perf() { return run({"/bin/sh", "-c", "command -v perf"}).exit_code == 0; }

  // Two functions, each with about half of the time.
  void write_guest() {
    write_file(dir_.path() / "two.wat",
               "(module $two (func $left (param $n i32) (result i32) (local $s i32)\n"
               "  (loop $again (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 3)) (local.get $n)))\n"
               "    (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $s))\n"
               "  (func $right (param $n i32) (result i32) (local $s i32)\n"
               "  (loop $again (local.set $s (i32.xor (i32.mul (local.get $s) (i32.const 5)) (local.get $n)))\n"
               "    (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $s))\n"
               "  (func (export \"_start\") (drop (call $left (i32.const 300000000)))\n"
               "    (drop (call $right (i32.const 300000000))))\n"
               "  (memory (export \"memory\") 1))\n");
    const Result result = run({"wat2wasm", "--debug-names", "two.wat", "-o", "two.wasm"}, options());
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }

  TempDir dir_, runtime_;
};

TEST_F(Export, ArgumentsThatMeanNothingAreRefused) {
  fs::create_directory(dir_.path() / "folder");
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"export"}, "expected one of --perf, --jitdump, --perfmap, --folded, --json"},
      {{"export", "--folded", "--json"}, "both write to stdout"},
      {{"export", "--json", "x.json", "--suffixes"}, "--suffixes is for --folded"},
      {{"export", "--folded", "folder"}, "name it in front of the options"},
      {{"export", "folder", "--perf"}, "--perf"},
      {{"export", "nothing", "--folded"}, "nothing of that name"},
      {{"export", "nothing", "--perf", "out"}, "expected a recording with samples"},
      {{"export", "folder", "--json"}, "there are no sessions and no samples either"},
  };
  for (const auto &[arguments, message] : cases) {
    const Result result = sgperf(arguments);
    EXPECT_EQ(result.exit_code, 2) << message << "\n" << result.err;
    EXPECT_NE(result.err.find(message), std::string::npos) << result.err;
    EXPECT_EQ(result.out, "");
  }
  // A recording without samples says why and what to do.
  ASSERT_EQ(sgperf({"record", "-q", "--no-samples", "--no-probes", "--", "/bin/true"}).exit_code, 0);
  for (const char *form : {"--folded", "--perf=out.data"}) {
    const Result result = sgperf({"export", "sgperf.data", form});
    EXPECT_EQ(result.exit_code, 2) << form;
    EXPECT_NE(result.err.find("expected"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("sgperf record -- PROGRAM"), std::string::npos) << result.err;
  }
  EXPECT_FALSE(fs::exists(dir_.path() / "out.data"));
}

TEST_F(Export, FormsOfANativeProgramAgreeWithTheReport) {
  if (!record({build_dir() / "tests/formats/perf-data-program", "150"}))
    GTEST_SKIP() << "perf events are refused here: sgperf record says why";
  const json all = profile();
  const uint64_t samples = all["coverage"]["samples"];
  ASSERT_GT(samples, 100u);

  const Result folded = sgperf({"export", "--folded"});
  ASSERT_EQ(folded.exit_code, 0) << folded.err;
  std::map<std::string, uint64_t> leaves;
  uint64_t sum = 0;
  std::istringstream in(folded.out);
  for (std::string line; std::getline(in, line);) {
    const size_t blank = line.rfind(' '), semicolon = line.rfind(';', blank);
    ASSERT_NE(blank, std::string::npos) << line;
    const uint64_t count = std::stoull(line.substr(blank + 1));
    leaves[line.substr(semicolon + 1, blank - semicolon - 1)] += count;
    sum += count;
  }
  EXPECT_EQ(sum, samples);

  ASSERT_EQ(sgperf({"export", "--json", "whole.json"}).exit_code, 0);
  const json whole = json::parse(read_file(dir_.path() / "whole.json"));
  EXPECT_EQ(whole["samples"]["time"].size(), samples);

  std::map<std::string, uint64_t> by_perf;
  if (have_perf()) {
    const Result exported = sgperf({"export", "--perf", "out.data"});
    ASSERT_EQ(exported.exit_code, 0) << exported.err;
    by_perf = perf_report("out.data");
    EXPECT_FALSE(fs::exists(dir_.path() / "sgperf.data/out.data"));
  }
  for (const char *name : {"leaf_sum", "other_xor"}) {
    uint64_t self = 0;
    for (const json &row : all["functions"])
      if (row["name"] == name) self += row["self"].get<uint64_t>();
    EXPECT_GT(self, samples / 10) << name;
    EXPECT_EQ(leaves[name], self) << name;
    if (!by_perf.empty()) {
      EXPECT_NEAR(static_cast<double>(by_perf[name]), static_cast<double>(self), 0.001 * static_cast<double>(samples))
          << name;
    }
  }
  const Result none = sgperf({"export", "--jitdump", "x.dump"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_NE(none.err.find("expected code that was made at run time, found none"), std::string::npos) << none.err;
  EXPECT_FALSE(fs::exists(dir_.path() / "x.dump"));
}

TEST_F(Export, CodeOfTwoProcesses) {
  if (!fs::exists(stock_wasmtime())) GTEST_SKIP() << stock_wasmtime() << " is missing (./dev test fetches it)";
  if (run({"/bin/sh", "-c", "command -v wat2wasm"}).exit_code != 0) GTEST_SKIP() << "there is no wat2wasm here";
  write_guest();
  const std::string one = stock_wasmtime().string() + " run two.wasm";
  if (!record({"/bin/sh", "-c", one + " & " + one + "; wait"}))
    GTEST_SKIP() << "perf events are refused here: sgperf record says why";

  const Result refused = sgperf({"export", "--jitdump", "x.dump"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("since 2 processes have code"), std::string::npos) << refused.err;
  ASSERT_EQ(sgperf({"export", "--jitdump", "code/", "--perfmap", "code/"}).exit_code, 0);
  size_t maps = 0, dumps = 0;
  for (const auto &entry : fs::directory_iterator(dir_.path() / "code")) {
    const std::string name = entry.path().filename(), text = read_file(entry.path());
    EXPECT_NE(text.find("!left"), std::string::npos) << name;
    maps += name.starts_with("perf-") && name.ends_with(".map");
    dumps += name.starts_with("jit-") && name.ends_with(".dump");
  }
  EXPECT_EQ(maps, 2u);
  EXPECT_EQ(dumps, 2u);

  if (!have_perf()) GTEST_SKIP() << "there is no perf here; the rest was checked";
  ASSERT_EQ(sgperf({"export", "--perf", "out.data"}).exit_code, 0);
  const auto by_perf = perf_report("out.data");
  const json all = profile();
  const double samples = all["coverage"]["samples"];
  size_t guests = 0;
  for (const json &row : all["functions"]) {
    if (row["side"] != "guest" || row["self"] == 0) continue;
    ++guests;
    std::string name = row["name"];
    if (row["tier"] != "") name += " [" + row["tier"].get<std::string>() + "]";
    const auto found = by_perf.find(name);
    ASSERT_NE(found, by_perf.end()) << name;
    EXPECT_NEAR(static_cast<double>(found->second), row["self"].get<double>(), 0.001 * samples) << name;
  }
  EXPECT_GE(guests, 2u);
}

} // namespace
} // namespace sgperf::test
