// SPDX-License-Identifier: Apache-2.0
// What `sgperf record` has from the kernel's side: system calls, page faults and ends of processes, by region; and what
// it says where that cannot be had.
#include "record/kernel_sums.h"
#include "support/cache.h"
#include "support/process.h"
#include "support/wasmtime_python.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <sstream>
#include <thread>

namespace sgperf::test {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;

// Programs of ours in the kernel, whoever has loaded them.
size_t programs_in_kernel() {
  const Result listed = run({"/usr/sbin/bpftool", "prog", "show"});
  size_t count = 0;
  for (size_t at = 0; (at = listed.out.find("name sgperf_", at)) != std::string::npos; ++at) ++count;
  return count;
}

class RecordKernel : public ::testing::Test {
protected:
  RecordKernel() : runtime_("/dev/shm") { chmod(runtime_.path().c_str(), 0700); }
  void SetUp() override {
    const Result probe = sgperf({"record", "-o", "probe", "--", "/bin/true"});
    std::string error;
    const auto sums = record::read_kernel_sums(dir_.path() / "probe", error);
    if (!sums || !sums->syscalls) GTEST_SKIP() << "the probes are refused here: " << probe.err;
    fs::remove_all(dir_.path() / "probe");
  }
  Options options() const {
    Options options;
    options.cwd = dir_.path();
    options.timeout_s = 120;
    options.env = {"XDG_RUNTIME_DIR=" + runtime_.path().string(), "SGPERF_DIR", "LD_PRELOAD", "SGPERF_SITES",
                   "SGPERF_TIMER"};
    return options;
  }
  Result sgperf(std::vector<std::string> arguments, const Options &with) {
    arguments.insert(arguments.begin(), build_dir() / "cli/command/sgperf");
    return run(arguments, with);
  }
  Result sgperf(std::vector<std::string> arguments) { return sgperf(std::move(arguments), options()); }
  json profile() {
    const Result result = sgperf({"report", "sgperf.data", "--format", "json"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const json root = json::parse(result.out, nullptr, false);
    return root.is_object() ? root["profile"] : json();
  }
  // Over all processes and regions that fit; an empty name fits all.
  static uint64_t calls(const json &profile, const std::string &name, const std::string &scope = "",
                        const std::string &phase = "", const char *what = "calls") {
    uint64_t sum = 0;
    for (const json &row : profile["syscalls"])
      if (row["name"] == name && (scope.empty() || row["scope"] == scope) && (phase.empty() || row["phase"] == phase))
        sum += row[what].get<uint64_t>();
    return sum;
  }
  static std::string program() { return build_dir() / "tests/record/sample-program"; }

  TempDir dir_, runtime_;
};

// The program closes a descriptor that is not there, twice a round, in a scope of its own.
TEST_F(RecordKernel, CallsAreInTheirScopes) {
  ASSERT_EQ(sgperf({"record", "-q", "--", program(), "1000"}).exit_code, 0);
  const json all = profile();
  EXPECT_EQ(calls(all, "close", "kernel::close"), 2000u) << all["syscalls"];
  EXPECT_EQ(calls(all, "close", "kernel::close", "", "errors"), 2000u);
  EXPECT_TRUE(all["syscalls_recorded"].get<bool>());
  EXPECT_EQ(all["syscalls_dropped"], 0);
  uint64_t in_phases = 0;
  for (const json &row : all["syscalls"])
    if (row["name"] == "close" && row["scope"] == "kernel::close" && !row["phase"].get<std::string>().empty())
      in_phases += row["calls"].get<uint64_t>();
  EXPECT_EQ(in_phases, 2000u) << "its rounds are in phases";
  // The report for people has them too.
  const Result text = sgperf({"report", "sgperf.data"});
  EXPECT_NE(text.out.find("System calls by innermost scope"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("2000 EBADF"), std::string::npos) << text.out;
}

TEST_F(RecordKernel, EveryExecHasItsOwnSites) {
  ASSERT_EQ(sgperf({"record", "-q", "--", "/bin/sh", "-c", program() + " 100; exec " + program() + " 200"}).exit_code,
            0);
  const json all = profile();
  EXPECT_EQ(calls(all, "close", "kernel::close"), 600u) << all["syscalls"];
}

TEST_F(RecordKernel, EndsOfProcesses) {
  sgperf({"record", "-q", "--", "/bin/sh", "-c", "/bin/sh -c 'exit 5'; /bin/sh -c 'kill -TERM $$'; sleep 0.2; exit 3"});
  const json all = profile();
  ASSERT_EQ(all["processes"].size(), 4u) << all["processes"];
  size_t fives = 0, terms = 0, threes = 0;
  for (const json &one : all["processes"]) {
    if (!one["exit_code"].is_null() && one["exit_code"] == 5) ++fives;
    if (!one["signal"].is_null() && one["signal"] == SIGTERM) ++terms;
    if (!one["exit_code"].is_null() && one["exit_code"] == 3) {
      ++threes;
      EXPECT_GE(one["ended_ns"].get<uint64_t>() - one["started_ns"].get<uint64_t>(), 200000000u);
      EXPECT_EQ(one["command"][0], "/bin/sh") << one;
    }
    EXPECT_GT(one["peak_rss_bytes"], 100000) << one;
    EXPECT_GT(one["minor_faults"], 10) << one;
  }
  EXPECT_EQ(fives, 1u) << all["processes"];
  EXPECT_EQ(terms, 1u) << all["processes"];
  EXPECT_EQ(threes, 1u) << all["processes"];
}

// The sum over all rows of a process is what the process says it had, as far as the kernel counts alike.
TEST_F(RecordKernel, PageFaultsAddUp) {
  ASSERT_EQ(sgperf({"record", "-q", "--", program(), "1000"}).exit_code, 0);
  const json all = profile();
  uint64_t rows = 0;
  for (const json &row : all["faults"]) rows += row["user"].get<uint64_t>() + row["kernel"].get<uint64_t>();
  ASSERT_EQ(all["processes"].size(), 1u);
  const uint64_t process =
      all["processes"][0]["minor_faults"].get<uint64_t>() + all["processes"][0]["major_faults"].get<uint64_t>();
  // What the kernel's exec itself touched is before the first row; what is retried is two rows of one fault.
  EXPECT_GT(rows * 2, process);
  EXPECT_LT(rows, process * 2);
}

// No switch of the engine and no phase of its own: what it did before its code was there, and while it ran.
TEST_F(RecordKernel, PhasesOfAStockRuntime) {
  const fs::path wasmtime = stock_wasmtime();
  if (!fs::exists(wasmtime)) GTEST_SKIP() << wasmtime << " is missing (./dev test fetches it)";
  write_file(dir_.path() / "lines.c", "#include <stdio.h>\n"
                                      "int main(int n, char **words) {\n"
                                      "  for (int i = 0; i < 300; i++) { printf(\"%d\\n\", i); fflush(stdout); }\n"
                                      "  return n > 1 ? 7 : 0;\n"
                                      "}\n");
  const Result built = run({"clang-16", "--target=wasm32-wasi", "-O1", "lines.c", "-o", "lines.wasm"}, options());
  ASSERT_EQ(built.exit_code, 0) << built.err;
  ASSERT_EQ(sgperf({"record", "-q", "--", wasmtime, "run", "lines.wasm"}).exit_code, 0);
  const json all = profile();
  // By breakpoints on the guest's entry and its returns, in the kernel: to the call.  One or two are the engine's own,
  // which wakes a thread by an eventfd.
  EXPECT_GE(calls(all, "write", "", "execute"), 300u) << all["syscalls"];
  EXPECT_LE(calls(all, "write", "", "execute"), 302u) << all["syscalls"];
  EXPECT_GT(calls(all, "mmap", "", "instantiate"), 0u) << all["syscalls"];
  EXPECT_EQ(calls(all, "perf_event_open"), 0u) << "the recorder sets them, and the program none";
  EXPECT_LT(calls(all, "write", "", "start-up+compile"), 20u);
  EXPECT_GT(calls(all, "mmap", "", "start-up+compile"), 20u);
  EXPECT_GT(calls(all, "munmap", "", "teardown"), 0u);
  const json whole = json::parse(sgperf({"report", "sgperf.data", "--format", "json"}).out, nullptr, false);
  EXPECT_EQ(whole["session_phases"].size(), 5u) << whole["session_phases"];
  for (const json &phase : whole["session_phases"])
    EXPECT_EQ(phase["open"], 0) << "the last one ends with the program: " << phase;
  for (const json &row : all["syscalls"])
    EXPECT_NE(row["phase"], "") << row << ": between the first and the last there is no gap";
  // Which function of the guest makes the calls: one of three is looked at, at random.
  ASSERT_EQ(sgperf({"record", "-q", "--syscall-rate", "3", "--", wasmtime, "run", "lines.wasm"}).exit_code, 0);
  const json sampled = profile();
  EXPECT_EQ(sampled["syscall_rate"], 3);
  uint64_t by_thunk = 0, by_others = 0;
  for (const json &row : sampled["syscall_callers"]) {
    if (row["name"] != "write" || row["function"].is_null()) continue;
    (row["function"] == "lines!__wasi_fd_write" ? by_thunk : by_others) += row["samples"].get<uint64_t>();
  }
  EXPECT_GT(by_thunk, 100u - 45u) << "300 calls, a third, five standard deviations: " << sampled["syscall_callers"];
  EXPECT_LT(by_thunk, 100u + 45u);
  EXPECT_LE(by_others * 20, by_thunk) << sampled["syscall_callers"];
  const Result compiled = run({wasmtime, "compile", "lines.wasm", "-o", "lines.cwasm"}, options());
  ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  ASSERT_EQ(sgperf({"record", "-q", "--", wasmtime, "run", "--allow-precompiled", "lines.cwasm", "x"}).exit_code, 7);
  const json again = profile();
  EXPECT_GT(calls(again, "mmap", "", "start-up+deserialize"), 20u) << "code from a file was not compiled";
  EXPECT_GE(calls(again, "write", "", "execute"), 300u) << again["syscalls"];
}

// Nothing of ours is inside: uprobes tell of the code, and breakpoints are set while the thread that publishes it is
// kept.
TEST_F(RecordKernel, PhasesFromOutside) {
  const fs::path wasmtime = stock_wasmtime();
  if (!fs::exists(wasmtime)) GTEST_SKIP() << wasmtime << " is missing (./dev test fetches it)";
  write_file(dir_.path() / "lines.c", "#include <stdio.h>\n"
                                      "int main(void) {\n"
                                      "  for (int i = 0; i < 300; i++) { printf(\"%d\\n\", i); fflush(stdout); }\n"
                                      "}\n");
  const Result built = run({"clang-16", "--target=wasm32-wasi", "-O1", "lines.c", "-o", "lines.wasm"}, options());
  ASSERT_EQ(built.exit_code, 0) << built.err;
  ASSERT_EQ(sgperf({"record", "-q", "--no-preload", "--", wasmtime, "run", "-C", "cache=n", "lines.wasm"}).exit_code,
            0);
  const json all = profile();
  EXPECT_GE(calls(all, "write", "", "execute"), 300u) << all["syscalls"];
  EXPECT_LE(calls(all, "write", "", "execute"), 302u) << all["syscalls"];
  EXPECT_GT(calls(all, "mmap", "", "instantiate"), 0u) << all["syscalls"];
  EXPECT_GT(calls(all, "mmap", "", "start-up+compile"), 20u) << all["syscalls"];
  const Result text = sgperf({"report", "sgperf.data"});
  EXPECT_NE(text.out.find("Phases"), std::string::npos) << text.out;
  const json whole = json::parse(sgperf({"report", "sgperf.data", "--format", "json"}).out, nullptr, false);
  std::vector<std::string> names;
  for (const json &phase : whole["session_phases"]) names.push_back(phase["name"]);
  EXPECT_EQ(names, (std::vector<std::string>{"start-up+compile", "instantiate", "execute", "teardown"}));
  // Within two seconds nothing is left in the kernel, though nobody waited for it.
  for (int i = 0; i < 20 && programs_in_kernel() != 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(programs_in_kernel(), 0u);
}

// A process that runs already, and compiles later.
TEST_F(RecordKernel, LateAttachSeesCodeThatComesLater) {
  const fs::path library = cache_folder() / "engines/wasmtime-50.0.1/_libwasmtime.so";
  if (!fs::exists(library)) GTEST_SKIP() << library << " is missing (./dev test fetches it)";
  write_file(dir_.path() / "m.wat",
             "(module (func (export \"_start\") (local i32) (loop (br_if 0 (i32.lt_u (local.tee 0\n"
             "  (i32.add (local.get 0) (i32.const 1))) (i32.const 100000000))))))\n");
  ASSERT_EQ(run({"wat2wasm", "m.wat"}, options()).exit_code, 0);
  write_file(dir_.path() / "run.py", std::string(wasmtime_python) + "import os, time\n"
                                                                    "while not os.path.exists('go'): time.sleep(0.01)\n"
                                                                    "load(open('m.wasm', 'rb').read())\n"
                                                                    "call(b'_start')\n");
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); // whatever becomes of this test
    if (chdir(dir_.path().c_str()) != 0) _exit(126);
    execl("/usr/bin/python3", "python3", "run.py", library.c_str(), nullptr);
    _exit(127);
  }
  std::thread go([&] {
    // The recorder says in its folder when it has begun.
    for (int i = 0; i < 500 && !fs::exists(dir_.path() / "sgperf.data/perf.data"); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    write_file(dir_.path() / "go", "");
  });
  const Result recorded = sgperf({"record", "-q", "-p", std::to_string(pid), "--duration", "20"});
  go.join();
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  const json whole = json::parse(sgperf({"report", "sgperf.data", "--format", "json"}).out, nullptr, false);
  std::vector<std::string> names;
  for (const json &phase : whole["session_phases"]) names.push_back(phase["name"]);
  ASSERT_GE(names.size(), 3u) << whole["session_phases"] << recorded.err;
  EXPECT_EQ(names[0], "start-up+compile") << "since the recorder came";
  EXPECT_EQ(names[1], "instantiate");
  EXPECT_EQ(names[2], "execute");
  EXPECT_GT(whole["session_phases"][2]["total"], 10e6) << "a hundred million rounds";
}

// Stock perf has names for the kernel's part too, from our file and from what we export.
TEST_F(RecordKernel, StockPerfNamesTheKernel) {
  if (!fs::exists("/usr/bin/perf")) GTEST_SKIP() << "no /usr/bin/perf (package linux-perf)";
  ASSERT_EQ(sgperf({"record", "-q", "-F", "5000", "--", program(), "300000"}).exit_code, 0);
  ASSERT_EQ(sgperf({"export", "--perf", "out.data"}).exit_code, 0);
  Options with = options();
  with.env.push_back("HOME=" + dir_.path().string()); // no cache of build ids of ours in the user's
  for (const char *file : {"sgperf.data/perf.data", "out.data"}) {
    const Result report = run({"/usr/bin/perf", "report", "-i", file, "--stdio", "--no-children", "-g", "none", "-F",
                               "sample,dso,symbol", "-t", ";"},
                              with);
    ASSERT_EQ(report.exit_code, 0) << report.err;
    EXPECT_NE(report.out.find("[kernel.kallsyms]"), std::string::npos) << file << report.out;
    EXPECT_EQ(report.out.find("[k] 0xffffffff8"), std::string::npos) << file << report.out;
  }
}

TEST_F(RecordKernel, ProcessThatRunsAlready) {
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); // whatever becomes of this test
    execl("/bin/sh", "sh", "-c", "while :; do kill -0 $$; done", nullptr);
    _exit(127);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const Result recorded = sgperf({"record", "-q", "-p", std::to_string(pid), "--duration", "0.5"});
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  EXPECT_GT(calls(profile(), "kill"), 1000u);
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

TEST_F(RecordKernel, PartsCanBeLeftOut) {
  ASSERT_EQ(sgperf({"record", "-q", "--no-syscalls", "--", "/bin/true"}).exit_code, 0);
  json all = profile();
  EXPECT_FALSE(all["syscalls_recorded"].get<bool>());
  EXPECT_TRUE(all["faults_recorded"].get<bool>());
  ASSERT_EQ(sgperf({"record", "-q", "--no-probes", "--", "/bin/true"}).exit_code, 0);
  EXPECT_FALSE(fs::exists(dir_.path() / "sgperf.data/syscalls.jsonl"));
  ASSERT_EQ(sgperf({"record", "-q", "--no-samples", "--", "/bin/true"}).exit_code, 0);
  EXPECT_FALSE(fs::exists(dir_.path() / "sgperf.data/perf.data"));
  all = profile();
  EXPECT_GT(calls(all, "mmap"), 0u);
}

// A good part of a program with many calls is in our own programs; they have names when they are gone, in stock perf
// too.
TEST_F(RecordKernel, ProgramsHaveNamesWhenTheyAreGone) {
  const size_t before = programs_in_kernel();
  ASSERT_EQ(sgperf({"record", "-q", "-F", "5000", "--syscall-rate", "0", "--", "/bin/dd", "if=/dev/zero",
                    "of=/dev/null", "bs=1", "count=600000", "status=none"})
                .exit_code,
            0);
  for (int i = 0; i < 40 && programs_in_kernel() > before; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const json all = profile();
  uint64_t in_programs = 0, unnamed = 0;
  for (const json &row : all["functions"]) {
    const std::string name = row["name"];
    if (name.ends_with("_sgperf_sys_enter") || name.ends_with("_sgperf_sys_exit")) {
      EXPECT_TRUE(name.starts_with("bpf_prog_")) << name;
      EXPECT_EQ(row["module"], "[bpf]");
      in_programs += row["self"].get<uint64_t>();
    } else if (name == "[kernel]")
      unnamed += row["self"].get<uint64_t>();
  }
  const uint64_t samples = all["coverage"]["samples"];
  EXPECT_GT(in_programs * 20, samples) << all["functions"];
  EXPECT_LT(unnamed * 10, samples) << all["functions"];
  if (!fs::exists("/usr/bin/perf")) return;
  ASSERT_EQ(sgperf({"export", "--perf", "out.data"}).exit_code, 0);
  Options with = options();
  with.env.push_back("HOME=" + dir_.path().string());
  for (const char *file : {"sgperf.data/perf.data", "out.data"}) {
    const Result report = run({"/usr/bin/perf", "report", "-i", file, "--stdio", "--no-children", "-g", "none", "-F",
                               "sample,dso,symbol", "-t", ";"},
                              with);
    ASSERT_EQ(report.exit_code, 0) << report.err;
    EXPECT_NE(report.out.find("_sgperf_sys_enter"), std::string::npos) << file << report.out;
    EXPECT_NE(report.out.find("_sgperf_sys_exit"), std::string::npos) << file << report.out;
    // Programs of other recorders that came and went meanwhile see this process's calls too, and have no names.
    std::istringstream lines(report.out);
    uint64_t nameless = 0;
    for (std::string line; std::getline(lines, line);)
      if (line.find("[k] 0xffffffffc") != std::string::npos) nameless += std::strtoull(line.c_str(), nullptr, 10);
    EXPECT_LT(nameless * 10, samples) << file << report.out;
  }
}

// kill -9 of the recorder: what it had written is shown, nothing of it stays in the kernel, the program goes on.
TEST_F(RecordKernel, KilledRecorderLeavesNothingBehind) {
  Options with = options();
  with.kill_signal = SIGKILL;
  with.kill_after_s = 3.5;
  const size_t before = programs_in_kernel();
  write_file(dir_.path() / "go-on", ""); // the program ends with it
  const Result killed =
      sgperf({"record", "-q", "--", "/bin/sh", "-c", "while [ -e go-on ]; do kill -0 $$; done"}, with);
  fs::remove(dir_.path() / "go-on");
  EXPECT_EQ(killed.signal, SIGKILL);
  for (int i = 0; i < 40 && programs_in_kernel() > before; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_LE(programs_in_kernel(), before) << "two seconds later";
  const json all = profile();
  EXPECT_GT(calls(all, "kill"), 1000u) << "the state of two seconds before";
  bool said = false;
  for (const json &what : all["missing"])
    said = said || what.get<std::string>().find("kernel's sums") != std::string::npos;
  EXPECT_TRUE(said) << all["missing"];
}

// Code that was found from outside is in the recording too, and the phases up to then.
TEST_F(RecordKernel, KilledRecorderKeepsCodeFromOutside) {
  const fs::path wasmtime = stock_wasmtime();
  if (!fs::exists(wasmtime)) GTEST_SKIP() << wasmtime << " is missing (./dev test fetches it)";
  write_file(dir_.path() / "m.wat",
             "(module (func $spin (export \"_start\") (local i64) (loop (br_if 0 (i64.lt_u (local.tee 0\n"
             "  (i64.add (local.get 0) (i64.const 1))) (i64.const 60000000000))))))\n");
  ASSERT_EQ(run({"wat2wasm", "--debug-names", "m.wat"}, options()).exit_code, 0);
  Options with = options();
  with.kill_signal = SIGKILL;
  with.kill_after_s = 3.5;
  const Result killed = sgperf(
      {"record", "-q", "--no-preload", "--", wasmtime, "run", "-C", "cache=n", "-W", "timeout=5s", "m.wasm"}, with);
  EXPECT_EQ(killed.signal, SIGKILL);
  const json all = profile();
  uint64_t spin = 0;
  for (const json &function : all["functions"])
    if (function["name"].get<std::string>().ends_with("!spin")) spin += function["self"].get<uint64_t>();
  EXPECT_GT(spin * 2, all["coverage"]["samples"].get<uint64_t>()) << all["functions"];
  const json whole = json::parse(sgperf({"report", "sgperf.data", "--format", "json"}).out, nullptr, false);
  std::vector<std::string> names;
  for (const json &phase : whole["session_phases"]) names.push_back(phase["name"]);
  // On a machine that has no time for the recorder, the entry may come before its breakpoint.
  ASSERT_GE(names.size(), 2u) << whole["session_phases"];
  EXPECT_EQ(names[0], "start-up+compile");
  EXPECT_TRUE(names.back() == "execute" || names.back() == "instantiate+execute") << whole["session_phases"];
}

TEST_F(RecordKernel, DamagedSumsAreNoCrash) {
  ASSERT_EQ(sgperf({"record", "-q", "--", program(), "10"}).exit_code, 0);
  const fs::path file = dir_.path() / "sgperf.data/syscalls.jsonl";
  const std::string whole = read_file(file);
  for (const size_t keep : {size_t{0}, size_t{1}, whole.size() / 3, whole.size() - 2}) {
    write_file(file, whole.substr(0, keep) +
                         "\n{\"kind\":\"syscall\",\"pid\":-1,\"histogram\":{\"99\":1,\"x\":2},\"errnos\":7}\n"
                         "{\"kind\":3}\n[]\n{\"kind\":\"image\",\"pid\":5,\"image\":4294967295}\n");
    const Result result = sgperf({"report", "sgperf.data", "--format", "json"});
    EXPECT_EQ(result.exit_code, 0) << keep << result.err;
    EXPECT_TRUE(json::accept(result.out)) << keep;
  }
}

TEST_F(RecordKernel, WithoutPrivilegesALineSaysWhatIsMissing) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  TempDir own;
  chmod(own.path().c_str(), 0777);
  Options with;
  with.cwd = own.path();
  with.env = {"XDG_RUNTIME_DIR", "SGPERF_DIR", "HOME=/"};
  const Result result = run({"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                             build_dir() / "cli/command/sgperf", "record", "--", "/bin/true"},
                            with);
  if (result.err.find("Permission denied") != std::string::npos)
    GTEST_SKIP() << "another user cannot reach the build folder: " << result.err;
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.err.find("expected CAP_BPF and CAP_PERFMON"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("get it:"), std::string::npos) << result.err;
  EXPECT_FALSE(fs::exists(own.path() / "sgperf.data/syscalls.jsonl"));
}

} // namespace
} // namespace sgperf::test
