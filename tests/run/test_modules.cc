// SPDX-License-Identifier: Apache-2.0
// Real modules on real engines: the rows that only an engine can cause, and the checks of output.
#include "run/bench_fixture.h"

#include <set>

namespace sgperf::test {
namespace {

using record::Role;
using record::Sample;
using record::Status;

class Modules : public Bench, public testing::WithParamInterface<const char *> {
protected:
  void SetUp() override {
    const Result result = run({sgperf_path(), "engines", GetParam()});
    if (result.exit_code != 0) GTEST_SKIP() << GetParam() << " is not here: " << result.out << result.err;
    if (!std::filesystem::exists(module_path("plain"))) GTEST_SKIP() << "no wat2wasm when this was built";
  }
  Result one(const std::string &path, const std::vector<std::string> &more = {}) {
    std::vector<std::string> arguments = {"-e", GetParam(), path,  "--processes", "1",       "--iterations",
                                          "2",  "--phase",  "jit", "--phase",     "execute", "--no-calibration",
                                          "-m", "tsc,wall"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_bench(arguments);
  }
  Sample row(const Result &result, Status status) {
    EXPECT_EQ(result.exit_code, 3) << result.err;
    const auto rows = failed();
    EXPECT_EQ(rows.size(), 1u) << result.err;
    if (rows.empty()) return {};
    EXPECT_EQ(rows[0].status, status) << to_text(rows[0].status) << ": " << rows[0].message;
    EXPECT_FALSE(rows[0].message.empty());
    return rows[0];
  }
  std::string copy(const std::string &name) {
    const auto to = dir_.path() / (name + ".wasm");
    std::filesystem::copy_file(module_path(name), to, std::filesystem::copy_options::overwrite_existing);
    return to;
  }
};

TEST_P(Modules, Trap) {
  row(one(module_path("trap")), Status::trap);
}
TEST_P(Modules, ExitCode) {
  EXPECT_NE(row(one(module_path("exit-code")), Status::exit_code).message.find("5"), std::string::npos);
}
TEST_P(Modules, UnknownImport) {
  const Sample sample = row(one(module_path("unknown-import")), Status::unknown_import);
  EXPECT_NE(sample.message.find("to_be_found"), std::string::npos) << sample.message;
}
TEST_P(Modules, NotWasm) {
  write_file(dir_.path() / "text.wasm", "not a module at all");
  EXPECT_NE(row(one(dir_.path() / "text.wasm"), Status::invalid_module).message.find("\\0asm"), std::string::npos);
}
TEST_P(Modules, Component) {
  write_file(dir_.path() / "component.wasm", std::string("\0asm\x0d\0\1\0", 8));
  row(one(dir_.path() / "component.wasm"), Status::component);
}
TEST_P(Modules, OutputIsChecked) {
  const std::string module = copy("prints");
  write_file(dir_.path() / "prints.stdout.expected", "first\r\nsecond!"); // line by line
  EXPECT_EQ(one(module).exit_code, 0);
  EXPECT_TRUE(failed().empty());
  write_file(dir_.path() / "prints.stdout.expected", "first\nthird\n");
  const Sample sample = row(one(module), Status::wrong_output);
  EXPECT_NE(sample.message.find("stdout line 2: expected \"third\", found \"second!\""), std::string::npos)
      << sample.message;
  std::filesystem::remove(dir_.path() / "prints.stdout.expected");
  write_file(dir_.path() / "default.stdout.expected", "something else\n");
  row(one(module), Status::wrong_output);
}
TEST_P(Modules, HooksMakeTheRegion) {
  ASSERT_EQ(one(module_path("hooked")).exit_code, 0);
  for (const Sample &call : samples()) {
    if (call.phase != "call") continue;
    for (const Sample &region : samples())
      if (region.phase == "execute" && region.iteration == call.iteration && region.role == call.role) {
        EXPECT_LT(region.values.at("tsc_ticks"), call.values.at("tsc_ticks"));
      }
  }
}
TEST_P(Modules, ExportedFunctionWithTypesOfItsOwn) {
  const Result result = run_bench({"-e", GetParam(), module_path("add") + "#add,1,2", "--processes", "1",
                                   "--iterations", "2", "-m", "tsc", "--phase", "execute"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  uint64_t inner = 0;
  for (const Sample &s : samples())
    if (s.phase == "call" && s.role == Role::timed) inner = s.inner;
  EXPECT_GT(inner, 1u);
}
TEST_P(Modules, ExportThatIsNotThere) {
  const Result result =
      run_bench({"-e", GetParam(), module_path("add") + "#subtract", "--processes", "1", "--iterations", "1"});
  EXPECT_EQ(result.exit_code, 3);
  ASSERT_FALSE(failed().empty());
  EXPECT_NE(failed()[0].message.find("subtract"), std::string::npos) << failed()[0].message;
}

INSTANTIATE_TEST_SUITE_P(Engines, Modules, testing::Values("wabt", "wasmtime"),
                         [](const auto &info) { return std::string(info.param); });

} // namespace
} // namespace sgperf::test
