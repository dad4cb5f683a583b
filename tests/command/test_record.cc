// SPDX-License-Identifier: Apache-2.0
// `sgperf record`, `report`, `env` and `clean` on real programs.
#include "emit/golden.h"
#include "record/meta.h"
#include "record/private_folder.h"
#include "record/session.h"
#include "record/session_folder.h"
#include "support/process.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace sgperf {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;

class Command : public ::testing::Test {
protected:
  Command() : runtime_("/dev/shm") { chmod(runtime_.path().c_str(), 0700); }

  std::string sgperf() const { return (test::build_dir() / "cli/command/sgperf").string(); }
  std::string program() const { return (test::build_dir() / "tests/record/sample-program").string(); }
  std::string library() const { return (test::build_dir() / "libsgperf/libsgperf.so.1").string(); }
  fs::path sessions() const { return runtime_.path() / ("sgperf-" + std::to_string(geteuid())); }

  test::Options options() const {
    test::Options options;
    options.cwd = dir_.path();
    // Only what this test makes is found.
    options.env = {"XDG_RUNTIME_DIR=" + runtime_.path().string(), "SGPERF_DIR", "LD_PRELOAD", "SGPERF_SITES",
                   "SGPERF_TIMER"};
    return options;
  }
  test::Result run(std::vector<std::string> arguments, const test::Options &with) {
    arguments.insert(arguments.begin(), sgperf());
    return test::run(arguments, with);
  }
  test::Result run(std::vector<std::string> arguments) { return run(std::move(arguments), options()); }
  json report(const std::string &recording = "sgperf.data") {
    const auto result = run({"report", recording, "--format", "json"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return json::parse(result.out, nullptr, false);
  }
  static json scope(const json &report, const std::string &name) {
    for (const json &row : report["scopes"])
      if (row["name"] == name) return row;
    return json::object(); // not reached yet
  }

  test::TempDir dir_, runtime_;
};

TEST_F(Command, RecordLeavesStreamsAndExitCodeAlone) {
  const auto result = run({"record", "--", program(), "1000", "0", "42"});
  EXPECT_EQ(result.exit_code, 42);
  EXPECT_EQ(result.out, "done\n");
  EXPECT_NE(result.err.find("wrote sgperf.data"), std::string::npos) << result.err;
  const json root = report();
  EXPECT_EQ(root["recording"]["kind"], "record");
  EXPECT_EQ(root["recording"]["exit_code"], 42);
  EXPECT_EQ(scope(root, "threei::make_syscall")["calls"], 2000);
  EXPECT_EQ(scope(root, "threei::make_syscall")["unit"], "ns");
  EXPECT_EQ(root["sessions"].size(), 1u);
  // Nothing of the run is left on the tmpfs.
  EXPECT_EQ(std::distance(fs::directory_iterator(sessions()), {}), 0);
  const auto quiet = run({"record", "-q", "--", "/bin/sh", "-c", "cat; echo e >&2; exit 3"}, [&] {
    auto with = options();
    with.input = "through\n";
    return with;
  }());
  EXPECT_EQ(quiet.exit_code, 3);
  EXPECT_EQ(quiet.out, "through\n");
  EXPECT_EQ(quiet.err, "e\n");
  EXPECT_TRUE(fs::exists(dir_.path() / "sgperf.data.old/meta.json"));
}

TEST_F(Command, TextOfARealRunIsTheGolden) {
  ASSERT_EQ(run({"record", "-q", "--no-samples", "--no-probes", "--", program(), "1000"}).exit_code, 0);
  std::string text = run({"report", "sgperf.data"}).out;
  const size_t begin = text.find("\nScopes"), end = text.find("\nWarnings"); // the machine's own lines are not ours
  ASSERT_NE(begin, std::string::npos) << text;
  text = text.substr(begin, end == std::string::npos ? end : end - begin);
  test::expect_golden("command", "record", test::as_pattern(text));
}

TEST_F(Command, RecordReportsSignalsAsShellsDo) {
  EXPECT_EQ(run({"record", "-q", "--", "/bin/sh", "-c", "kill -TERM $$"}).exit_code, 128 + SIGTERM);
  EXPECT_EQ(run({"record", "-q", "--", "/bin/sh", "-c", "kill -KILL $$"}).exit_code, 128 + SIGKILL);
  const auto missing = run({"record", "--", "./no-such-program"});
  EXPECT_EQ(missing.exit_code, 127);
  EXPECT_NE(missing.err.find("./no-such-program: cannot be run"), std::string::npos) << missing.err;
}

TEST_F(Command, AFailedStartKeepsTheOlderRecording) {
  ASSERT_EQ(run({"record", "-q", "--", program(), "10"}).exit_code, 0);
  ASSERT_EQ(run({"record", "-q", "--", "./no-such-program"}).exit_code, 127);
  EXPECT_EQ(scope(report(), "kernel::close")["calls"], 20);
}

TEST_F(Command, ASignalSentToUsReachesTheProgram) {
  auto with = options();
  with.kill_signal = SIGINT;
  with.kill_after_s = 0.7;
  const auto result = run(
      {"record", "-q", "--", "/bin/sh", "-c", "trap 'echo caught; exit 9' INT; while :; do sleep 0.05; done"}, with);
  EXPECT_EQ(result.out, "caught\n");
  EXPECT_EQ(result.exit_code, 9) << result.err;
}

TEST_F(Command, ChildrenAndExecAreRecorded) {
  ASSERT_EQ(run({"record", "-q", "--", "/bin/sh", "-c",
                 program() + " 100; " + program() + " 200; exec " + program() + " 300"})
                .exit_code,
            0);
  const json root = report();
  EXPECT_EQ(scope(root, "kernel::close")["calls"], 1200);
  EXPECT_EQ(scope(root, "kernel::close")["sessions"], 3);
  EXPECT_GE(root["sessions"].size(), 3u); // and the shell's
}

TEST_F(Command, AKilledProgramIsRecorded) {
  ASSERT_EQ(
      run({"record", "-q", "--", "/bin/sh", "-c", program() + " 500 20 & p=$!; sleep 0.6; kill -9 $p; wait"}).exit_code,
      0);
  const json root = report();
  EXPECT_EQ(scope(root, "kernel::close")["calls"], 1000);
  EXPECT_EQ(scope(root, "kernel::close")["unit"], "ns");
}

TEST_F(Command, KillOfTheCommandLeavesSessionsReadable) {
  auto with = options();
  const pid_t pid = fork();
  if (pid == 0) {
    setenv("XDG_RUNTIME_DIR", runtime_.path().c_str(), 1);
    unsetenv("SGPERF_DIR");
    if (chdir(dir_.path().c_str()) != 0) _exit(9);
    execl(sgperf().c_str(), "sgperf", "record", "-q", "--", program().c_str(), "700", "4", nullptr);
    _exit(9);
  }
  json root;
  for (int i = 0; i < 60; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (!fs::exists(dir_.path() / "sgperf.data/meta.json")) continue;
    const auto result = run({"report", "--format", "json"});
    root = json::parse(result.out, nullptr, false);
    if (root.is_object() && scope(root, "kernel::close").value("calls", 0) == 1400) break;
  }
  EXPECT_EQ(scope(root, "kernel::close").value("calls", 0), 1400) << "a live recording can be reported";
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  const auto after = run({"report"});
  EXPECT_EQ(after.exit_code, 0);
  EXPECT_EQ(after.out.find("report of recording ./sgperf.data"), 0u) << after.out;
  EXPECT_NE(after.out.find("kernel::close"), std::string::npos) << after.out;
  EXPECT_NE(after.out.find("not ended yet, or killed"), std::string::npos);
  // The program lives on; clean leaves it alone, and brings it into the recording once it has ended.
  const auto live = run({"clean", "--yes"});
  EXPECT_NE(live.out.find("1 of running programs"), std::string::npos) << live.out;
  EXPECT_EQ(record::session_files(dir_.path() / "sgperf.data").size(), 0u);
  std::this_thread::sleep_for(std::chrono::seconds(4));
  const auto listed = run({"clean", "-n"});
  EXPECT_NE(listed.out.find("sgperf.data: its recorder was killed"), std::string::npos) << listed.out;
  EXPECT_EQ(listed.out.find(sessions().string() + "/run-"), std::string::npos) << "not among what is removed";
  EXPECT_EQ(record::session_files(dir_.path() / "sgperf.data").size(), 0u);
  const auto ended = run({"clean", "--yes"});
  EXPECT_NE(ended.out.find("finished "), std::string::npos) << ended.out << ended.err;
  EXPECT_EQ(std::distance(fs::directory_iterator(sessions()), {}), 0);
  EXPECT_EQ(record::session_files(dir_.path() / "sgperf.data").size(), 1u);
  EXPECT_EQ(scope(json::parse(run({"report", "--json"}).out, nullptr, false), "kernel::close").value("calls", 0), 1400);
  EXPECT_EQ(run({"clean", "-n"}).out.find("its recorder was killed"), std::string::npos);
}

// The folder of a recorder that lives is nobody else's, although nothing is in it yet.
TEST_F(Command, CleanLeavesALivingRecorderAlone) {
  record::PrivateFolder live;
  std::string error;
  setenv("XDG_RUNTIME_DIR", runtime_.path().c_str(), 1);
  ASSERT_TRUE(live.create(error)) << error;
  unsetenv("XDG_RUNTIME_DIR");
  live.belongs_to(dir_.path() / "sgperf.data");
  fs::create_directory(sessions() / "run-dead");
  auto with = options();
  with.env.push_back("LD_PRELOAD=" + library()); // something to remove
  ASSERT_EQ(test::run({program(), "10"}, with).exit_code, 0);
  const auto cleaned = run({"clean", "--yes"});
  EXPECT_NE(cleaned.out.find("sessions\n"), std::string::npos) << cleaned.out;
  EXPECT_TRUE(fs::exists(live.path()));
  EXPECT_FALSE(fs::exists(sessions() / "run-dead")) << "a folder without an owner goes";
}

TEST_F(Command, PreloadOfTheUserIsKept) {
  auto with = options();
  with.env.push_back("LD_PRELOAD=libm.so.6");
  const auto result = run({"record", "-q", "--", "/bin/sh", "-c", "echo $LD_PRELOAD"}, with);
  EXPECT_NE(result.out.find("libsgperf.so.1:libm.so.6\n"), std::string::npos) << result.out;
}

TEST_F(Command, CountersOfPhasesAreShown) {
  auto with = options();
  with.env.push_back("SGPERF_PHASE_PMC=page-faults,cycles");
  ASSERT_EQ(run({"record", "-q", "--", program(), "1000"}, with).exit_code, 0);
  const json root = report();
  ASSERT_FALSE(root["session_phases"].empty());
  const json counters = root["session_phases"][0]["counters"];
  ASSERT_TRUE(counters.contains("page-faults")) << root["session_phases"];
  if (counters["page-faults"]["measured"] == 0)
    GTEST_SKIP() << "this machine lets nobody count page faults: errno " << counters["page-faults"]["errno"];
  EXPECT_GE(counters["page-faults"]["total"], 0);
  const std::string text = run({"report", "sgperf.data"}).out;
  EXPECT_NE(text.find("counter of a phase"), std::string::npos) << text;
  // A PMU counts something in any phase; without one it is n/a with the reason, and never 0.
  for (const auto &[name, counter] : counters.items())
    if (name.rfind("cycles", 0) == 0 && counter["measured"] == 0) {
      EXPECT_TRUE(counter["total"].is_null());
      EXPECT_NE(counter["errno"], 0);
      EXPECT_NE(text.find("n/a"), std::string::npos) << text;
    }
}

TEST_F(Command, SitesAndTimerReachTheProgram) {
  ASSERT_EQ(run({"record", "-q", "--sites", "kernel::*", "--timer", "clock", "--", program(), "50"}).exit_code, 0);
  const json root = report();
  EXPECT_EQ(scope(root, "kernel::close")["calls"], 100);
  EXPECT_EQ(scope(root, "threei::make_syscall")["calls"], 0);
  EXPECT_EQ(scope(root, "threei::make_syscall")["enabled"], false);
  EXPECT_EQ(root["sessions"][0]["timer"], "clock");
  EXPECT_EQ(run({"report", "sgperf.data"}).out.find("threei::make_syscall"), std::string::npos);
  EXPECT_NE(run({"report", "sgperf.data", "--all-sites"}).out.find("threei::make_syscall"), std::string::npos);
}

TEST_F(Command, StaticProgramsGetAClearWord) {
  const auto compiled = test::run({"cc", "-static", "-x", "c", "-o", (dir_.path() / "static").string(), "-"}, [] {
    test::Options with;
    with.input = "int main(void) { return 5; }\n";
    return with;
  }());
  if (compiled.exit_code != 0) GTEST_SKIP() << "cannot link static programs here: " << compiled.err;
  const auto result = run({"record", "--", "./static"});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_NE(result.err.find("no session: ./static: "), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("found a static one"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("sgperf record --no-preload -- ./static"), std::string::npos) << result.err;
  const auto text = run({"report", "sgperf.data"});
  EXPECT_NE(text.out.find("W109"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("found a static one"), std::string::npos) << text.out;
}

TEST_F(Command, IsolateRunsEachSiteAlone) {
  ASSERT_EQ(run({"record", "-q", "--isolate", "--", program(), "2000"}).exit_code, 0);
  const json root = report();
  for (const char *name : {"kernel::close", "threei::make_syscall"}) {
    const json row = scope(root, name);
    EXPECT_EQ(row["calls"], 4000) << name;
    ASSERT_TRUE(row.contains("isolated")) << name;
    EXPECT_EQ(row["isolated"]["calls"], 4000) << name;
    EXPECT_GT(row["isolated"]["average"], 0) << name;
  }
  const auto text = run({"report", "sgperf.data"});
  EXPECT_NE(text.out.find("alone"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("Whole run with all sites on"), std::string::npos) << text.out;
}

TEST_F(Command, ReportNeedsSomethingToReport) {
  const auto nothing = run({"report"}, [&] {
    auto with = options();
    with.env.push_back("SGPERF_DIR=" + dir_.path().string());
    return with;
  }());
  // Folders outside this test (/dev/shm, /tmp) may hold sessions of the same user.
  if (nothing.exit_code == 0) GTEST_SKIP() << "this user has sessions elsewhere: " << nothing.out.substr(0, 200);
  EXPECT_EQ(nothing.exit_code, 2);
  EXPECT_NE(nothing.err.find("nothing to report: expected"), std::string::npos) << nothing.err;
}

TEST_F(Command, ReportNamesUnreadableInput) {
  const auto missing = run({"report", "nowhere"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_NE(missing.err.find("nowhere: expected a recording"), std::string::npos) << missing.err;
  EXPECT_EQ(run({"report", "--format", "yaml"}).exit_code, 2);
}

TEST_F(Command, ARecordingNeverReplacesSomethingElse) {
  fs::create_directory(dir_.path() / "mine");
  test::write_file(dir_.path() / "mine/letter", "dear");
  const auto result = run({"record", "-o", "mine", "--", "/bin/true"});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.err.find("expected a recording that may be moved away"), std::string::npos) << result.err;
  EXPECT_EQ(test::read_file(dir_.path() / "mine/letter"), "dear");
}

TEST_F(Command, EnvPrintsThePreloadLine) {
  auto with = options();
  with.env.push_back("SGPERF_SITES=a::*");
  const auto result = run({"env"}, with);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out.substr(0, result.out.find('\n')), "LD_PRELOAD=" + library());
  EXPECT_NE(result.out.find("a::*"), std::string::npos);
  // The line does what it says.
  const auto used =
      test::run({"/bin/sh", "-c", result.out.substr(0, result.out.find('\n')) + " " + program() + " 10"}, options());
  EXPECT_EQ(used.exit_code, 0);
  const auto latest = run({"report"});
  EXPECT_EQ(latest.out.find("report of session of sample-program"), 0u) << latest.out;
  EXPECT_NE(latest.out.find(", ended)"), std::string::npos);
}

TEST_F(Command, CleanListsAndNeverTouchesOthers) {
  auto with = options();
  with.env.push_back("LD_PRELOAD=" + library());
  ASSERT_EQ(test::run({program(), "10"}, with).exit_code, 0);
  const auto module = sessions() / ("module-" + record::session_files(sessions())[0].key + "-3.wasm");
  test::write_file(module, "bytes of a module");
  test::write_file(sessions() / "session-planted-1-1.sgp", "no session at all");
  fs::create_symlink("/etc/passwd", sessions() / "session-link-1-1.sgp");
  const auto listed = run({"clean"});
  EXPECT_NE(listed.out.find("sample-program (pid "), std::string::npos) << listed.out;
  EXPECT_NE(listed.out.find("say --yes"), std::string::npos);
  EXPECT_NE(run({"clean", "--yes"}).out.find("removed"), std::string::npos);
  EXPECT_FALSE(fs::exists(module)) << "it goes with its session";
  EXPECT_TRUE(fs::exists(sessions() / "session-planted-1-1.sgp"));
  EXPECT_TRUE(fs::is_symlink(sessions() / "session-link-1-1.sgp"));
  EXPECT_EQ(record::session_files(sessions()).size(), 1u);
}

} // namespace
} // namespace sgperf
