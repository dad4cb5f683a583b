// SPDX-License-Identifier: Apache-2.0
// Killed or interrupted in the middle, then resumed: the same plan, every unit exactly once.
#include "run/bench_fixture.h"

#include <signal.h>

#include <map>
#include <set>

namespace sgperf::test {
namespace {

using record::Role;
using record::Sample;

class Resume : public Bench {
protected:
  std::vector<std::string> plan() const {
    return {"-e",
            fixture_plugin() + ",flag=spin=20000,name=a",
            "-e",
            fixture_plugin() + ",flag=spin=20000,name=b",
            module_path("plain"),
            module_path("hooked"),
            "--processes",
            "4",
            "--iterations",
            "3",
            "--warmups",
            "0",
            "--phase",
            "execute",
            "--seed",
            "11"};
  }
  // (block, position) -> cell, and how often each (cell, block, iteration) was measured.
  using Order = std::map<std::pair<uint32_t, uint32_t>, std::string>;
  Order order(bool exact) const {
    Order order;
    std::map<std::string, int> count;
    for (const Sample &s : samples()) {
      if (s.role == Role::calibration || s.phase != "execute") continue;
      const std::string cell = s.engine + " " + s.workload;
      order[{s.block, s.position}] = cell;
      ++count[cell + " " + std::to_string(s.block) + " " + std::to_string(s.iteration)];
    }
    if (exact) {
      EXPECT_EQ(count.size(), 4u * 4u * 4u);
      for (const auto &[key, n] : count) EXPECT_EQ(n, 1) << key;
    }
    return order;
  }
  Order uninterrupted() {
    EXPECT_EQ(run_bench(plan()).exit_code, 0);
    const Order full = order(true);
    std::filesystem::remove_all(recording_);
    return full;
  }
};

TEST_F(Resume, AfterKill) {
  const Order full = uninterrupted();
  for (const bool calibrate : {true, false}) { // killed in the calibration, and in a block
    Options options;
    options.kill_signal = SIGKILL;
    options.kill_after_s = 0.9;
    auto arguments = plan();
    if (!calibrate) arguments.push_back("--no-calibration");
    const Result killed = run_bench(arguments, options);
    EXPECT_EQ(killed.signal, SIGKILL);
    EXPECT_EQ(meta().ended_realtime_ns, 0u);
    samples(); // every line is whole
    write_file(recording_ / "samples.jsonl", read_file(recording_ / "samples.jsonl") + "{\"engine\":\"torn");
    const Result resumed = run_bench({"--resume"});
    EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
    EXPECT_EQ(order(true), full);
    EXPECT_EQ(meta().corrections.empty(), !calibrate);
    EXPECT_NE(meta().ended_realtime_ns, 0u);
    EXPECT_EQ(meta().seed, 11u);
    expect_no_leftovers();
    std::filesystem::remove_all(recording_);
  }
}

TEST_F(Resume, AfterCtrlC) {
  const Order full = uninterrupted();
  Options options;
  options.kill_signal = SIGINT;
  options.kill_after_s = 1.3;
  const Result stopped = run_bench(plan(), options);
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  EXPECT_NE(stopped.err.find("--resume"), std::string::npos);
  EXPECT_FALSE(samples().empty()) << "what was measured is kept";
  expect_no_leftovers();
  EXPECT_EQ(run_bench({"--resume"}).exit_code, 0);
  EXPECT_EQ(order(true), full);
}

TEST_F(Resume, WhenThereIsNothingLeft) {
  ASSERT_EQ(bench("").exit_code, 0);
  const std::string before = read_file(recording_ / "samples.jsonl");
  EXPECT_EQ(run_bench({"--resume"}).exit_code, 0);
  EXPECT_EQ(read_file(recording_ / "samples.jsonl"), before);
}

TEST_F(Resume, RefusesAnotherWorkload) {
  std::filesystem::copy_file(module_path("plain"), dir_.path() / "mine.wasm");
  ASSERT_EQ(run_bench({"-e", fixture_plugin(), "./mine.wasm", "--processes", "1", "--iterations", "1"}).exit_code, 0);
  std::filesystem::copy_file(module_path("hooked"), dir_.path() / "mine.wasm",
                             std::filesystem::copy_options::overwrite_existing);
  const Result result = run_bench({"--resume"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("has changed"), std::string::npos) << result.err;
}

TEST_F(Resume, RefusesAnotherBuildOfAnEngine) {
  const auto engine = dir_.path() / "libsgperf-engine-mine.so";
  std::filesystem::copy_file(fixture_plugin(), engine);
  ASSERT_EQ(run_bench({"-e", engine, module_path("plain"), "--processes", "1", "--iterations", "1"}).exit_code, 0);
  const std::string before = read_file(recording_ / "samples.jsonl");
  // Another build: the version it tells is of the same length.
  std::string bytes = read_file(engine);
  if (const size_t note = bytes.find(std::string("\3\0\0\0GNU\0", 8)); note != std::string::npos) bytes[note + 8] ^= 1;
  const size_t version = bytes.find("1.2.3");
  ASSERT_NE(version, std::string::npos);
  bytes[version] = '9';
  write_file(engine, bytes);
  const Result result = run_bench({"--resume"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("must not mix builds"), std::string::npos) << result.err;
  EXPECT_EQ(read_file(recording_ / "samples.jsonl"), before);
}

TEST_F(Resume, NothingToResume) {
  const Result result = run_bench({"--resume"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("nothing to resume"), std::string::npos) << result.err;
}

TEST_F(Resume, DamagedPlanIsAnError) {
  std::filesystem::create_directory(recording_);
  write_file(recording_ / "plan.json", "{\"schema\":1,");
  EXPECT_EQ(run_bench({"--resume"}).exit_code, 2);
}

} // namespace
} // namespace sgperf::test
