// SPDX-License-Identifier: Apache-2.0
// Every way to fail is a row of its own, the rest of the run goes on, and nothing is left behind.
#include "run/bench_fixture.h"

namespace sgperf::test {
namespace {

using record::Status;

class Failures : public Bench {
protected:
  // The fixture with `flags` and a healthy twin: the twin must be complete.
  const record::Sample one_failure(const std::string &flags, Status status, const std::vector<std::string> &more = {}) {
    std::vector<std::string> arguments = {"-e", fixture_plugin() + ",name=well"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Result result = bench(flags, arguments);
    EXPECT_EQ(result.exit_code, 3) << result.err;
    const auto rows = failed();
    EXPECT_FALSE(rows.empty()) << result.err;
    size_t well = 0;
    for (const record::Sample &sample : samples())
      if (sample.engine == "well" && sample.role != record::Role::calibration) {
        EXPECT_EQ(sample.status, Status::ok) << sample.message;
        ++well;
      }
    EXPECT_GT(well, 2u * 4u) << "the run did not go on";
    EXPECT_NE(meta().ended_realtime_ns, 0u);
    expect_no_leftovers();
    if (rows.empty()) return {};
    EXPECT_EQ(rows.front().status, status) << to_text(rows.front().status) << ": " << rows.front().message;
    EXPECT_EQ(rows.front().engine, "fixture");
    return rows.front();
  }
};

TEST_F(Failures, CrashNamesTheSignalAndKeepsStderr) {
  const auto row = one_failure("crash=execute", Status::crash);
  EXPECT_NE(row.message.find("SIGSEGV"), std::string::npos) << row.message;
  EXPECT_NE(row.message.find("execute"), std::string::npos) << row.message;
  EXPECT_NE(row.stderr_tail.find("about to crash in execute"), std::string::npos) << row.stderr_tail;
  EXPECT_EQ(row.phase, "execute");
}
TEST_F(Failures, CrashInCompile) {
  EXPECT_EQ(one_failure("crash=compile", Status::crash).phase, "compile");
}
TEST_F(Failures, LeavingTheProcessIsACrash) {
  const auto row = one_failure("exit=instantiate", Status::crash);
  EXPECT_NE(row.message.find("code 7"), std::string::npos) << row.message;
}
TEST_F(Failures, BeingKilledSaysWhatMayHaveDoneIt) {
  const auto row = one_failure("kill=execute", Status::crash);
  EXPECT_NE(row.message.find("SIGKILL"), std::string::npos) << row.message;
  EXPECT_NE(row.message.find("memory"), std::string::npos) << row.message;
}
TEST_F(Failures, Abort) {
  const auto row = one_failure("abort=instantiate", Status::crash);
  EXPECT_NE(row.message.find("SIGABRT"), std::string::npos) << row.message;
  EXPECT_EQ(row.phase, "instantiate");
}
TEST_F(Failures, MissingImportNamesTheCall) {
  const auto row = one_failure("import=instantiate", Status::unknown_import);
  EXPECT_NE(row.message.find("env.missing_call"), std::string::npos) << row.message;
}
TEST_F(Failures, RefusedVersion) {
  const auto row = one_failure("refuse=one", Status::version_refused);
  EXPECT_NE(row.message.find("found 9"), std::string::npos) << row.message;
  EXPECT_EQ(failed().size(), 1u) << "what cannot change is not tried in every block";
}
TEST_F(Failures, EngineError) {
  const auto row = one_failure("error=compile", Status::engine_error);
  EXPECT_EQ(row.message, "fixture: told to fail here");
}
TEST_F(Failures, CreateFails) {
  one_failure("error=create", Status::engine_error);
}
TEST_F(Failures, CreateCrashes) {
  one_failure("crash=create", Status::crash);
}
TEST_F(Failures, SerializeFailsAfterTheFirstChain) {
  const auto row = one_failure("error=serialize", Status::engine_error);
  EXPECT_EQ(row.phase, "serialize");
  bool jit = false; // what was measured before stays
  for (const auto &sample : samples()) jit = jit || (sample.engine == "fixture" && sample.phase == "jit");
  EXPECT_TRUE(jit);
}
TEST_F(Failures, Timeout) {
  const auto row = one_failure("hang=execute", Status::timeout, {"--timeout", "0.5", "--no-calibration"});
  EXPECT_EQ(row.message.find("> 0.5 s"), 0u) << row.message;
  EXPECT_NE(row.message.find("execute"), std::string::npos) << row.message;
  EXPECT_EQ(failed().size(), 1u) << "a hanging cell is not tried in every block";
}
TEST_F(Failures, StartMissing) {
  const auto row = one_failure("no-start", Status::hooks);
  EXPECT_NE(row.message.find("without bench.start"), std::string::npos) << row.message;
}
TEST_F(Failures, StartDoubled) {
  const auto row = one_failure("double-start", Status::hooks);
  EXPECT_NE(row.message.find("2 times"), std::string::npos) << row.message;
}
TEST_F(Failures, EndDoubled) {
  one_failure("double-end", Status::hooks);
}
TEST_F(Failures, EndBeforeStart) {
  const auto row = one_failure("reversed", Status::hooks);
  EXPECT_NE(row.message.find("before"), std::string::npos) << row.message;
}
TEST_F(Failures, EngineNotInstalled) {
  const Result result = run_bench({"-e", "no-such-engine", "-e", fixture_plugin() + ",name=well", module_path("plain"),
                                   "--processes", "1", "--iterations", "1"});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  const auto rows = failed();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].status, Status::engine_missing);
  EXPECT_NE(rows[0].message.find("not installed"), std::string::npos) << rows[0].message;
}

TEST_F(Failures, EndMissingIsAWarning) {
  const Result result = bench("no-end");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  bool warned = false;
  for (const auto &sample : samples())
    for (const std::string &warning : sample.warnings) warned = warned || warning.find("bench.end missing") == 0;
  EXPECT_TRUE(warned);
  EXPECT_TRUE(has_warning("W107"));
}
TEST_F(Failures, CrashWhenFreedCostsNothing) {
  const Result result = bench("crash=free");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(failed().empty());
}
TEST_F(Failures, ChildrenOfTheEngineAreEnded) {
  const Result result = bench("child=compile", {"--no-calibration"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_no_leftovers();
}

} // namespace
} // namespace sgperf::test
