// SPDX-License-Identifier: Apache-2.0
// In a container the library works without a capability, and its sessions can be read from inside and from outside.
#include "preload/container.h"

namespace sgperf::test {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;

constexpr const char *preload = "LD_PRELOAD=/build/libsgperf/libsgperf.so.1";
constexpr const char *program_inside = "/build/tests/libsgperf/programs/calls";
constexpr const char *sgperf_inside = "/build/cli/command/sgperf";

class Containers : public Libsgperf {
protected:
  void SetUp() override {
    Libsgperf::SetUp();
    SKIP_WHEN_SANITIZED("libraries of the sanitizer are not in the container");
    static const std::string why = Container::impossible();
    if (!why.empty()) GTEST_SKIP() << why;
  }
  static std::string sgperf() { return build_dir() / "cli/command/sgperf"; }
  static uint64_t calls(const json &report, const std::string &name) {
    for (const json &row : report["scopes"])
      if (row["name"] == name) return row["calls"];
    return 0;
  }
  // A report's JSON behind other output.
  static json report_in(const std::string &out) {
    const size_t begin = out.find('{');
    return json::parse(begin == std::string::npos ? "" : out.substr(begin), nullptr, false);
  }
};

TEST_F(Containers, AnInstrumentedProgramIsReadAndCleanedInside) {
  Container container;
  const std::string sgperf = sgperf_inside;
  const Result result = container.execute(
      {"/bin/sh", "-c",
       std::string("cd /tmp; ") + preload + " " + program_inside + " 1000 3; echo code $?; echo /dev/shm/sgperf-*/*; " +
           sgperf + " report; " + sgperf + " clean --yes; echo left: $(ls /dev/shm/sgperf-1000); touch /x"});
  EXPECT_NE(result.out.find("calls 1000\ncode 3\n/dev/shm/sgperf-1000/session-container-"), std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find("report of session of calls (pid "), std::string::npos) << result.out << result.err;
  EXPECT_NE(result.out.find("alpha::outer"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("\nleft:\n"), std::string::npos) << result.out;
  EXPECT_EQ(result.err, "touch: cannot touch '/x': Read-only file system\n");
}

TEST_F(Containers, NothingIsWrittenWhereNothingCanBe) {
  Container container;
  container.tmpfs = false;
  container.env.push_back(preload);
  const Result result = container.execute({program_inside, "1000", "3"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.out, "calls 1000\n");
  EXPECT_EQ(result.err, "");
}

TEST_F(Containers, ASessionIsReadFromOutsideThroughProc) {
  Container container;
  Result inside;
  std::thread runs([&] { // 100 ms each: still running when it is read
    inside = container.execute(
        {"/bin/sh", "-c", std::string("TEST_BUSY_US=100000 ") + preload + " " + program_inside + " 30 3"});
  });
  const int first = container.first_process();
  std::vector<fs::path> files;
  const fs::path folder = "/proc/" + std::to_string(first) + "/root/dev/shm/sgperf-1000";
  json live;
  for (int attempt = 0; first && attempt < 100; ++attempt) {
    std::error_code ignored;
    files = fs::exists(folder, ignored) ? session_files(folder) : std::vector<fs::path>();
    if (!files.empty()) {
      live = report_in(run({sgperf(), "report", files[0], "--json"}).out);
      if (live.is_object() && calls(live, "alpha::outer") > 0) break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  runs.join();
  EXPECT_EQ(inside.exit_code, 3) << inside.err;
  ASSERT_EQ(files.size(), 1u) << "no session below " << folder;
  ASSERT_TRUE(live.is_object());
  EXPECT_GT(calls(live, "alpha::outer"), 0u);
  EXPECT_LT(calls(live, "alpha::outer"), 30u) << "it was to be read while the program runs";
  EXPECT_EQ(live["sessions"][0]["state"], "live") << live["sessions"][0].dump();
  EXPECT_EQ(live["sessions"][0]["unit"], "ns") << "the counter's frequency: " << live["sessions"][0].dump();
}

TEST_F(Containers, ASessionIsKeptInAFolderOfTheHost) {
  ASSERT_EQ(chown(dir().c_str(), 1000, 1000), 0);
  chmod(cwd_.path().c_str(), 0755);
  Container container;
  container.mounts.push_back({dir(), "/sessions", true});
  container.env.insert(container.env.end(), {preload, "SGPERF_DIR=/sessions"});
  const Result inside = container.execute({program_inside, "500", "3"});
  EXPECT_EQ(inside.exit_code, 3);
  EXPECT_EQ(inside.err, "");
  const Session session = this->session();
  EXPECT_EQ(session.sums("alpha::outer").count, 500u);
  EXPECT_EQ(session.header.uid, 1000u);
  EXPECT_STREQ(session.header.host, "container");
  EXPECT_TRUE(session.header.flags & SGPERF_SESSION_FLAG_SECCOMP);
  // Root by name, its owner without one.
  const Result by_root = run({sgperf(), "report", session.path, "--json"}, options_);
  EXPECT_EQ(calls(report_in(by_root.out), "alpha::outer"), 500u) << by_root.err;
  options_.in_child = [] {
    if (setgid(1000) != 0 || setuid(1000) != 0) _exit(125);
  };
  const Result by_owner = run({sgperf(), "report", "--json"}, options_);
  EXPECT_EQ(calls(report_in(by_owner.out), "alpha::outer"), 500u) << by_owner.err;
  const Result cleaned = run({sgperf(), "clean", "--yes"}, options_);
  EXPECT_EQ(cleaned.exit_code, 0) << cleaned.out << cleaned.err;
  EXPECT_TRUE(session_files(dir()).empty()) << cleaned.out << cleaned.err;
}

TEST_F(Containers, AStockRuntime) {
  if (!fs::exists(stock_wasmtime())) GTEST_SKIP() << stock_wasmtime() << " is missing (./dev test fetches it)";
  const TempDir guest;
  chmod(guest.path().c_str(), 0755);
  write_file(guest.path() / "guest.wat",
             "(module (func $work (export \"_start\") (local i32) (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add "
             "(local.get 0) (i32.const 1))) (i32.const 50000000))))))");
  Container container;
  container.mounts.push_back({stock_wasmtime().parent_path(), "/engines"});
  container.mounts.push_back({guest.path(), "/guest"});
  const Result result = container.execute({"/bin/sh", "-c",
                                           std::string("cd /tmp; ") + preload +
                                               " /engines/wasmtime run -C cache=n /guest/guest.wat; echo code $?; "
                                               "ls /dev/shm/sgperf-1000; " +
                                               sgperf_inside + " report --json"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(result.out.find("code 0\ncode-container-"), 0u) << "no copy of the machine code: " << result.out;
  const json report = report_in(result.out);
  ASSERT_TRUE(report.is_object()) << result.out << result.err;
  std::map<std::string, double> phases;
  for (const json &phase : report["session_phases"]) phases[phase["name"]] += phase["total"].get<double>();
  EXPECT_GT(phases["start-up+compile"], 0) << report["session_phases"].dump();
  // perf_event_open is refused: no breakpoints, so no moment of the guest's entry.
  EXPECT_GT(phases["instantiate+execute"], 0) << report["session_phases"].dump();
  EXPECT_EQ(phases.count("execute"), 0u);
  EXPECT_NE(report["sessions"][0]["remarks"].dump().find("a seccomp profile that has perf_event_open"),
            std::string::npos)
      << "the report says why: " << report["sessions"][0].dump();
  EXPECT_NE(report["compiled"].dump().find("wasm!work"), std::string::npos) << report["compiled"].dump();
}

} // namespace
} // namespace sgperf::test
