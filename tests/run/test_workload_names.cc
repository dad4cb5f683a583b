// SPDX-License-Identifier: Apache-2.0
// What names of workloads and suites mean, and where they are looked for.
#include "bench_fixture.h"

#include <cstdlib>
#include <set>

namespace sgperf::test {
namespace {

class WorkloadNames : public Bench {};

// As Sightglass writes them: paths from the suite's own folder, empty lines, comments.
TEST_F(WorkloadNames, SuitesOfSightglass) {
  const std::filesystem::path folder = dir_.path() / "benchmarks";
  for (const char *name : {"plain", "hooked"}) {
    std::filesystem::create_directories(folder / name);
    std::filesystem::copy(module_path(name), folder / name / "benchmark.wasm");
  }
  write_file(folder / "short.suite",
             "# Suites are lists of modules.\r\n\r\n  plain/benchmark.wasm  \n\n#hooked/none.wasm\n"
             "hooked/benchmark.wasm\n");
  const Result result = run_bench({"-e", fixture_plugin(), (folder / "short.suite").string(), "--processes", "1",
                                   "--iterations", "1", "--phase", "execute"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto workloads = meta().workloads;
  ASSERT_EQ(workloads.size(), 2u);
  EXPECT_EQ(workloads[0].id, "plain/benchmark.wasm");
  EXPECT_EQ(workloads[1].id, "hooked/benchmark.wasm");
  EXPECT_EQ(workloads[1].path, std::filesystem::canonical(folder / "hooked/benchmark.wasm"));

  write_file(folder / "broken.suite", "plain/none.wasm\n");
  const Result broken = run_bench({"-e", fixture_plugin(), (folder / "broken.suite").string()});
  EXPECT_EQ(broken.exit_code, 2);
  EXPECT_NE(broken.err.find("no such file: plain/none.wasm"), std::string::npos) << broken.err;
}

// Many workloads in one folder, one in a folder of its own, a suite among them, and what a script would build.
TEST_F(WorkloadNames, InWorkloadFolders) {
  const std::filesystem::path folder = dir_.path() / "mine";
  for (const char *in : {"many", "own"}) std::filesystem::create_directories(folder / in);
  std::filesystem::copy(module_path("plain"), folder / "many/one.wasm");
  std::filesystem::copy(module_path("hooked"), folder / "many/two.wasm");
  std::filesystem::copy(module_path("plain"), folder / "own/own.wasm");
  write_file(folder / "many/all.suite", "many/two\nown\n");
  write_file(folder / "build-later.sh", "");
  Options options;
  options.env = {"SGPERF_BENCHMARKS=" + folder.string()};
  const Result result = run_bench(
      {"-e", fixture_plugin(), "many/one", "many/all", "--processes", "1", "--iterations", "1", "--phase", "execute"},
      options);
  const Result missing = run_bench({"-e", fixture_plugin(), "many/three"}, options);
  const Result later = run_bench({"-e", fixture_plugin(), "later"}, options);
  const Result listed = run({sgperf_path(), "suite"}, options);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::vector<std::string> ids;
  for (const auto &workload : meta().workloads) ids.push_back(workload.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"many/one", "many/two", "own"}));
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_NE(missing.err.find("no workload or suite named 'many/three'"), std::string::npos) << missing.err;
  EXPECT_EQ(later.exit_code, 2);
  EXPECT_NE(later.err.find((folder / "build-later.sh").string() + " makes it"), std::string::npos) << later.err;
  for (const char *name : {"workload  many/one\n", "workload  own\n"})
    EXPECT_NE(listed.out.find(name), std::string::npos) << listed.out;
}

// An interpreter and its script in one module: the sample that a script builds in the cache.
TEST_F(WorkloadNames, Mruby) {
  const char *cache = getenv("SGPERF_CACHE"), *home = getenv("HOME");
  const std::filesystem::path folder =
      cache ? std::filesystem::path(cache) : std::filesystem::path(home ? home : "/") / ".cache/sgperf";
  if (!std::filesystem::exists(folder / "workloads/mruby/mruby.wasm"))
    GTEST_SKIP() << folder << " holds no mruby; benchmarks/build-mruby.sh builds it";
  if (!std::filesystem::exists(folder / "engines/wasmtime-50.0.1/_libwasmtime.so"))
    GTEST_SKIP() << "Wasmtime is not in " << folder;
  Options patient;
  patient.timeout_s = 120;
  const Result result = run_bench({"-e", "wasmtime", "-e", "native", "mruby", "--processes", "1", "--iterations", "1",
                                   "--warmups", "0", "--no-calibration"},
                                  patient);
  ASSERT_EQ(result.exit_code, 0) << result.err; // its output is compared with mruby.stdout.expected
  EXPECT_TRUE(failed().empty());
  std::set<std::string> executed;
  for (const record::Sample &s : samples())
    if (s.phase == "execute" && s.values.at("wall_ns") > 1e6) executed.insert(s.engine);
  EXPECT_EQ(executed.size(), 2u);
}

} // namespace
} // namespace sgperf::test
