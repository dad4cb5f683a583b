// SPDX-License-Identifier: Apache-2.0
// Every workload of our own prints what it must on every engine: the adapters agree with each other and with the file.
#include "engine_run.h"

#include <gtest/gtest.h>

namespace sgperf::test {
namespace {

class Workload : public testing::TestWithParam<std::string> {
protected:
  // `trap`: what the engine stops with instead, because of a limit of its own that cannot be changed.
  void run_on(const std::string &engine, const std::string &tier, const std::string &trap = {}) {
    if (std::string why = cannot_run(engine, tier); !why.empty()) GTEST_SKIP() << why;
    // "fibonacci" has a folder of its own, "polybench/gemm" is one of many in a folder.
    const std::filesystem::path given = build_dir() / "benchmarks" / GetParam();
    const std::string name = given.filename();
    const bool own_folder = std::filesystem::is_directory(given);
    const std::filesystem::path source = own_folder ? given : given.parent_path();
    if (!std::filesystem::exists(source / (name + ".wasm")))
      GTEST_SKIP() << source / (name + ".wasm") << " was not built (option workloads)";
    TempDir folder;
    std::filesystem::create_directory(folder.path() / "work");
    if (own_folder) {
      std::filesystem::copy(source, folder.path() / "guest"); // some write beside what they read
    } else {
      std::filesystem::create_directory(folder.path() / "guest");
      for (const char *kind : {".wasm", ".so"}) std::filesystem::copy(source / (name + kind), folder.path() / "guest");
    }
    std::string out = (folder.path() / "out").string();
    Options options;
    options.timeout_s = 120;
    Events events =
        drive(plugin(engine),
              {"tier=" + tier, "work=" + (folder.path() / "work").string(), "dir=" + (folder.path() / "guest").string(),
               "writable=1", "stdout=" + out, "arg=" + name, "create",
               "compile:" + (folder.path() / "guest" / (name + ".wasm")).string(), "instantiate", "execute"},
              options);
    if (!trap.empty()) {
      EXPECT_TRUE(events.has("step execute trap")) << events.all();
      EXPECT_NE(events.after("log0 ").find(trap), std::string::npos) << events.all();
      return;
    }
    EXPECT_EQ(events.process.exit_code, 0) << events.all();
    EXPECT_EQ(read_file(out), read_file(source / (name + ".stdout.expected")));
    EXPECT_EQ(std::count(events.lines.begin(), events.lines.end(), "hook start"), 1) << events.all();
    EXPECT_EQ(std::count(events.lines.begin(), events.lines.end(), "hook end"), 1) << events.all();
  }
};

TEST_P(Workload, Cranelift) {
  run_on("wasmtime", "cranelift");
}
TEST_P(Workload, CraneliftNone) {
  run_on("wasmtime", "cranelift-none");
}
TEST_P(Workload, Winch) {
  run_on("wasmtime", "winch");
}
TEST_P(Workload, Pulley) {
  run_on("wasmtime", "pulley");
}
TEST_P(Workload, Wasm2c) {
  run_on("wasm2c", "O1");
}
TEST_P(Workload, Wabt) {
  run_on("wabt", "interp");
}
TEST_P(Workload, SpiderMonkey) {
  run_on("spidermonkey", "tier-up");
}
TEST_P(Workload, SpiderMonkeyBaseline) {
  run_on("spidermonkey", "baseline");
}
TEST_P(Workload, SpiderMonkeyIon) {
  run_on("spidermonkey", "ion");
}
TEST_P(Workload, Jsc) {
  run_on("jsc", "tier-up");
}
TEST_P(Workload, JscInterp) {
  run_on("jsc", "interp");
}
TEST_P(Workload, JscBbq) {
  run_on("jsc", "bbq");
}
TEST_P(Workload, JscOmg) {
  run_on("jsc", "omg");
}
TEST_P(Workload, Wasm3) {
  run_on("wasm3", "interp");
}
TEST_P(Workload, WamrFastInterp) {
  run_on("wamr", "fast-interp");
}
TEST_P(Workload, WamrAot) {
  run_on("wamr", "aot");
}
TEST_P(Workload, WamrLlvmJit) {
  run_on("wamr", "llvm-jit");
}
TEST_P(Workload, Wasmi) {
  // Wasmi stops at 1000 calls deep, and its C API has no setting for that.
  run_on("wasmi", "interp", GetParam() == "ackermann" ? "call stack exhausted" : "");
}
TEST_P(Workload, WasmerCranelift) {
  run_on("wasmer", "cranelift");
}
TEST_P(Workload, WasmerSinglepass) {
  run_on("wasmer", "singlepass");
}
TEST_P(Workload, WasmerLlvm) {
  run_on("wasmer", "llvm");
}
TEST_P(Workload, V8) {
  run_on("v8", "tier-up");
}
TEST_P(Workload, V8Liftoff) {
  run_on("v8", "liftoff");
}
TEST_P(Workload, V8Turbofan) {
  run_on("v8", "turbofan");
}
TEST_P(Workload, Native) {
  run_on("native", "so");
}

// The other programs of our own are many: on one compiler, one that goes by way of C, and native.  What an engine makes
// of them is also checked whenever they are measured.
class Program : public Workload {};
TEST_P(Program, Cranelift) {
  run_on("wasmtime", "cranelift");
}
TEST_P(Program, Wasm2c) {
  run_on("wasm2c", "O1");
}
TEST_P(Program, Native) {
  run_on("native", "so");
}

// What the suites name, as far as it comes with the source.
std::vector<std::string> named_by(const std::string &suite) {
  std::vector<std::string> out;
  std::istringstream lines(read_file(source_dir() / "benchmarks" / (suite + ".suite")));
  for (std::string line; std::getline(lines, line);)
    if (!line.empty() && line[0] != '#' && (suite != "shootout" || line.find('/') != std::string::npos))
      out.push_back(line);
  return out;
}

std::string test_name(const testing::TestParamInfo<std::string> &info) {
  std::string name = info.param.substr(info.param.find('/') + 1);
  for (char &c : name)
    if (c == '-') c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Noop, Workload, testing::Values("noop"), test_name);
INSTANTIATE_TEST_SUITE_P(Default, Workload, testing::ValuesIn(named_by("default")), test_name);
INSTANTIATE_TEST_SUITE_P(Shootout, Program, testing::ValuesIn(named_by("shootout")), test_name);
INSTANTIATE_TEST_SUITE_P(Polybench, Program, testing::ValuesIn(named_by("polybench")), test_name);

} // namespace
} // namespace sgperf::test
