// SPDX-License-Identifier: Apache-2.0
// `sgperf record` with samples, on a stock runtime and on programs of ours; `report` and `export` of what it wrote.
#include "support/cache.h"
#include "support/process.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>

namespace sgperf::test {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;

class Profile : public ::testing::Test {
protected:
  Profile() : runtime_("/dev/shm") { chmod(runtime_.path().c_str(), 0700); }
  void SetUp() override {
    // Some event must open at all: containers often refuse.
    const Result probe = sgperf({"record", "-q", "-o", "probe", "--", "/bin/true"});
    if (!fs::exists(dir_.path() / "probe/perf.data")) GTEST_SKIP() << "perf events are refused here: " << probe.err;
    fs::remove_all(dir_.path() / "probe");
  }
  Result sgperf(std::vector<std::string> arguments, int kill_signal = 0, double kill_after = 0) {
    arguments.insert(arguments.begin(), build_dir() / "cli/command/sgperf");
    Options options;
    options.cwd = dir_.path();
    options.timeout_s = 120;
    options.env = {"XDG_RUNTIME_DIR=" + runtime_.path().string(), "SGPERF_DIR", "LD_PRELOAD", "SGPERF_SITES",
                   "SGPERF_TIMER"};
    options.kill_signal = kill_signal;
    options.kill_after_s = kill_after;
    return run(arguments, options);
  }
  json profile(const std::string &recording = "sgperf.data") {
    const Result result = sgperf({"report", recording, "--format", "json"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const json root = json::parse(result.out, nullptr, false);
    return root.is_object() ? root["profile"] : json();
  }
  static json named(const json &rows, const std::string &name) {
    for (const json &row : rows)
      if (row["name"] == name) return row;
    return {{"self", 0}, {"total", 0}};
  }
  // About a second of work in two functions of a WASI command, with debug information.
  fs::path guest() {
    write_file(dir_.path() / "work.c", "#include <stdio.h>\n"
                                       "__attribute__((noinline)) static int fib(int n) {\n"
                                       "  return n < 2 ? n : fib(n - 1) + fib(n - 2);\n"
                                       "}\n"
                                       "__attribute__((noinline)) static unsigned mix(unsigned x) {\n"
                                       "  for (int i = 0; i < 1000; i++)\n"
                                       "    x = x * 1664525u + 1013904223u;\n"
                                       "  return x;\n"
                                       "}\n"
                                       "int main(void) {\n"
                                       "  unsigned s = 0;\n"
                                       "  for (int i = 0; i < 300000; i++) s ^= mix(i);\n"
                                       "  printf(\"%d %u\\n\", fib(36), s);\n"
                                       "  return 7;\n"
                                       "}\n");
    Options options;
    options.cwd = dir_.path();
    const Result result = run({"clang-16", "--target=wasm32-wasi", "-O1", "-g", "work.c", "-o", "work.wasm"}, options);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return dir_.path() / "work.wasm";
  }

  TempDir dir_, runtime_;
};

#define NEEDS_WASMTIME()                                                                                               \
  if (!fs::exists(stock_wasmtime())) GTEST_SKIP() << stock_wasmtime() << " is missing (./dev test fetches it)"

// No switch of the engine, no change of the module: functions and lines of the guest by their names in the source.
TEST_F(Profile, FunctionsAndLinesOfAStockRuntime) {
  NEEDS_WASMTIME();
  guest();
  const Result recorded = sgperf({"record", "-q", "--", stock_wasmtime(), "run", "work.wasm"});
  EXPECT_EQ(recorded.exit_code, 7) << recorded.err;
  EXPECT_EQ(recorded.out.substr(0, 9), "14930352 ");
  const json all = profile();
  const uint64_t samples = all["coverage"]["samples"];
  EXPECT_GT(samples, 50u);
  EXPECT_EQ(all["coverage"]["lost"], 0);
  const uint64_t fib = named(all["functions"], "work!fib")["self"], mix = named(all["functions"], "work!mix")["self"];
  EXPECT_GT(fib, 10u);
  EXPECT_GT(mix, 10u);
  EXPECT_GT((fib + mix) * 10, samples * 5) << "two functions do the work";
  EXPECT_LE(all["coverage"]["jit_unnamed"].get<uint64_t>() * 100, all["coverage"]["jit"].get<uint64_t>());
  // Everything runs below main, whoever called that.
  EXPECT_GE(named(all["functions"], "work!mix")["total"].get<uint64_t>(), mix);
  uint64_t lines_of_mix = 0;
  for (const json &line : all["lines"]) {
    if (line["name"] != "work!mix") continue;
    EXPECT_TRUE(line["file"].get<std::string>().ends_with("work.c")) << line;
    EXPECT_GE(line["line"], 5) << line;
    EXPECT_LE(line["line"], 9) << line;
    lines_of_mix += line["self"].get<uint64_t>();
  }
  EXPECT_GT(lines_of_mix * 2, mix) << "most samples have a source line";
  // The phase of nothing, the tree of one, and the module kept beside the samples.
  EXPECT_EQ(all["processes"].size(), 1u);
  size_t modules = 0;
  for (const auto &entry : fs::directory_iterator(dir_.path() / "sgperf.data"))
    modules += entry.path().filename().string().starts_with("module-");
  EXPECT_EQ(modules, 1u);
  fs::remove(dir_.path() / "work.wasm");
  EXPECT_EQ(named(profile()["functions"], "work!fib")["self"], fib) << "the recording is complete in itself";
}

TEST_F(Profile, StockPerfShowsTheSame) {
  NEEDS_WASMTIME();
  if (!fs::exists("/usr/bin/perf")) GTEST_SKIP() << "no /usr/bin/perf (package linux-perf)";
  guest();
  ASSERT_EQ(sgperf({"record", "-q", "--", stock_wasmtime(), "run", "work.wasm"}).exit_code, 7);
  const Result exported = sgperf({"export", "--perf", "out.data"});
  ASSERT_EQ(exported.exit_code, 0) << exported.err;
  Options options;
  options.cwd = dir_.path();
  options.env = {"HOME=" + dir_.path().string()}; // no cache of build ids of ours in the user's
  const Result report = run({"/usr/bin/perf", "report", "-i", "out.data", "--stdio", "--no-children", "-g", "none",
                             "-F", "sample,symbol", "-t", ";"},
                            options);
  ASSERT_EQ(report.exit_code, 0) << report.err;
  const json all = profile();
  for (const char *name : {"work!fib", "work!mix"}) {
    const std::string mark = std::string("[.] ") + name;
    const size_t at = report.out.find(mark);
    ASSERT_NE(at, std::string::npos) << report.out;
    const size_t begin = report.out.rfind('\n', at) + 1;
    EXPECT_EQ(std::strtoull(report.out.c_str() + begin, nullptr, 10), named(all["functions"], name)["self"]) << name;
  }
  const Result annotate = run({"/usr/bin/perf", "annotate", "-i", "out.data", "--stdio", "-l", "work!mix"}, options);
  EXPECT_NE(annotate.out.find("work.c:"), std::string::npos) << annotate.out << annotate.err;
}

// A module with the marks of a benchmark, which stock Wasmtime refuses by itself.
TEST_F(Profile, ModuleWithMarksRunsOnStockWasmtime) {
  NEEDS_WASMTIME();
  const std::string module = build_dir() / "benchmarks/fibonacci/fibonacci.wasm";
  if (!fs::exists(module)) GTEST_SKIP() << module << " was not built";
  const Result refused = sgperf({"record", "-q", "--no-recipes", "--", stock_wasmtime(), "run", module});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_NE(refused.err.find("bench::start"), std::string::npos) << refused.err;
  const Result recorded = sgperf({"record", "-q", "--", stock_wasmtime(), "run", module});
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  EXPECT_EQ(recorded.out, "fibonacci 2178309\n");
  EXPECT_GT(named(profile()["functions"], "fibonacci!fib")["self"], 2);
  EXPECT_FALSE(fs::exists(dir_.path() / "sgperf.data/engine"));
}

// Hotspot counts addresses of symbols from the start of the first segment, and takes names of code with lines from
// DWARF.
TEST_F(Profile, HotspotFindsTheNames) {
  NEEDS_WASMTIME();
  guest();
  ASSERT_EQ(sgperf({"record", "-q", "--", stock_wasmtime(), "run", "work.wasm"}).exit_code, 7);
  ASSERT_EQ(sgperf({"export", "--perf", "out.data"}).exit_code, 0);
  Options options;
  options.cwd = dir_.path();
  std::string elf;
  for (const auto &entry : fs::directory_iterator(dir_.path()))
    if (entry.path().filename().string().starts_with("out.data.jit-")) elf = entry.path();
  ASSERT_NE(elf, "");
  const Result headers = run({"readelf", "-lW", elf}, options),
               info = run({"readelf", "--debug-dump=info", elf}, options);
  EXPECT_NE(headers.out.find("LOAD           0x000000 0x0000000000000000"), std::string::npos) << headers.out;
  EXPECT_NE(info.out.find("work!mix"), std::string::npos) << info.out;
  const fs::path parser = "/usr/lib/x86_64-linux-gnu/libexec/hotspot-perfparser";
  if (!fs::exists(parser)) GTEST_SKIP() << "the rest needs " << parser << " (package hotspot)";
  const Result parsed = run({parser, "--input", "out.data", "--output", "parsed"}, options);
  EXPECT_EQ(parsed.exit_code, 0) << parsed.err;
  const std::string names = read_file(dir_.path() / "parsed");
  EXPECT_NE(names.find("work!mix"), std::string::npos);
  EXPECT_NE(names.find("work!fib"), std::string::npos);
}

TEST_F(Profile, PhasesOfTheProgram) {
  const std::string program = build_dir() / "tests/record/sample-program";
  // The sample program's phases last as long as its argument says, in system calls.
  ASSERT_EQ(sgperf({"record", "-q", "-F", "5000", "--", program, "400000"}).exit_code, 0);
  const json all = profile();
  uint64_t in_phases = 0, samples = all["coverage"]["samples"];
  for (const json &region : all["regions"])
    if (!region["phase"].get<std::string>().empty()) in_phases += region["samples"].get<uint64_t>();
  EXPECT_GT(samples, 50u);
  EXPECT_GT(in_phases * 2, samples) << all["regions"];
}

TEST_F(Profile, ProcessThatRunsAlready) {
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); // whatever becomes of this test
    const int nothing = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; ++fd) dup2(nothing, fd);
    execl("/bin/sh", "sh", "-c", "while :; do :; done", nullptr);
    _exit(127);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const Result recorded = sgperf({"record", "-q", "-p", std::to_string(pid), "--duration", "0.5"});
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  EXPECT_EQ(kill(pid, 0), 0) << "the process goes on";
  const json all = profile();
  EXPECT_GT(all["coverage"]["samples"], 100);
  ASSERT_GE(all["processes"].size(), 1u);
  EXPECT_EQ(all["processes"][0]["pid"], pid);
  uint64_t known = 0;
  for (const json &row : all["functions"])
    if (row["module"] == "dash" || row["module"] == "sh" || row["module"] == "libc.so.6" || row["side"] == "kernel")
      known += row["self"].get<uint64_t>();
  EXPECT_GT(known * 10, all["coverage"]["samples"].get<uint64_t>() * 9) << "mappings of before are known";
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  const Result gone = sgperf({"record", "-p", std::to_string(pid)});
  EXPECT_EQ(gone.exit_code, 4) << gone.err;
  EXPECT_NE(gone.err.find("expected a process that runs"), std::string::npos) << gone.err;
}

// Nothing of ours inside: the code that is there is found in memory, and the module among the words of the command
// line.
TEST_F(Profile, LateAttachFindsLoadedCode) {
  NEEDS_WASMTIME();
  write_file(dir_.path() / "long.c", "__attribute__((noinline)) static int fib(int n) {\n"
                                     "  return n < 2 ? n : fib(n - 1) + fib(n - 2);\n"
                                     "}\n"
                                     "int main(int n, char **words) {\n"
                                     "  int s = 0;\n"
                                     "  for (int i = 0; i < 1000; i++) s += fib(36 + (i & n));\n"
                                     "  return s == 1;\n"
                                     "}\n");
  Options options;
  options.cwd = dir_.path();
  ASSERT_EQ(run({"clang-16", "--target=wasm32-wasi", "-O1", "-g", "long.c", "-o", "long.wasm"}, options).exit_code, 0);
  const std::string wasmtime = stock_wasmtime(), folder = dir_.path();
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); // whatever becomes of this test
    if (chdir(folder.c_str()) != 0) _exit(126);
    execl(wasmtime.c_str(), "wasmtime", "run", "long.wasm", nullptr);
    _exit(127);
  }
  std::this_thread::sleep_for(std::chrono::seconds(2)); // compiled and running, also on a busy machine
  const Result recorded = sgperf({"record", "-q", "-p", std::to_string(pid), "--duration", "1"});
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  EXPECT_EQ(recorded.exit_code, 0) << recorded.err;
  const json all = profile();
  const uint64_t samples = all["coverage"]["samples"], fib = named(all["functions"], "long!fib")["self"];
  EXPECT_GT(samples, 20u);
  EXPECT_GT(fib * 10, samples * 9) << all["functions"];
  EXPECT_GT(all["coverage"]["jit_lines"].get<uint64_t>() * 2, fib);
}

TEST_F(Profile, CodeIsFoundInMemoryWithoutPreload) {
  NEEDS_WASMTIME();
  guest();
  ASSERT_EQ(sgperf({"record", "-q", "--no-preload", "--", stock_wasmtime(), "run", "work.wasm"}).exit_code, 7);
  const json all = profile();
  const uint64_t fib = named(all["functions"], "work!fib")["self"], mix = named(all["functions"], "work!mix")["self"];
  EXPECT_GT((fib + mix) * 2, all["coverage"]["samples"].get<uint64_t>()) << all["functions"];
}

TEST_F(Profile, TreeOfForks) {
  ASSERT_EQ(sgperf({"record", "-q", "--", "/bin/sh", "-c", "for i in 1 2 3 4 5; do /bin/true; done; wait"}).exit_code,
            0);
  const json all = profile();
  EXPECT_EQ(all["processes"].size(), 6u);
  size_t truths = 0;
  for (const json &one : all["processes"]) truths += one["comm"] == "true";
  EXPECT_EQ(truths, 5u);
}

// Processes that end while their files in /proc are read are no error.
TEST_F(Profile, ManyShortProcesses) {
  const Result recorded = sgperf(
      {"record", "-q", "--", "/bin/sh", "-c",
       "i=0; while [ $i -lt 2000 ]; do /bin/true & [ $((i % 50)) = 0 ] && wait; i=$((i+1)); done; wait; exit 3"});
  EXPECT_EQ(recorded.exit_code, 3) << recorded.err;
  EXPECT_EQ(recorded.err, "");
  const json all = profile();
  EXPECT_GT(all["processes"].size(), 1900u);
  for (const json &what : all["missing"]) EXPECT_EQ(what.get<std::string>().find("killed"), std::string::npos) << what;
}

// kill -9 of the recorder: what it had written is shown, and the program was not harmed.
TEST_F(Profile, KilledRecorderLeavesAReadableRecording) {
  const Result killed = sgperf(
      {"record", "-q", "--", "/bin/sh", "-c", "i=0; while [ $i -lt 2000000 ]; do i=$((i+1)); done"}, SIGKILL, 1.5);
  EXPECT_EQ(killed.signal, SIGKILL);
  const json all = profile();
  EXPECT_GT(all["coverage"]["samples"], 100);
  bool said = false;
  for (const json &what : all["missing"]) said = said || what.get<std::string>().find("killed") != std::string::npos;
  EXPECT_TRUE(said) << all["missing"];
}

TEST_F(Profile, WithoutSamplesOrWithoutPreload) {
  ASSERT_EQ(sgperf({"record", "-q", "--no-samples", "--no-probes", "--", "/bin/true"}).exit_code, 0);
  EXPECT_FALSE(fs::exists(dir_.path() / "sgperf.data/perf.data"));
  ASSERT_EQ(sgperf({"record", "-q", "--no-preload", "--", "/bin/sh", "-c", ":"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(dir_.path() / "sgperf.data/perf.data"));
  for (const auto &entry : fs::directory_iterator(dir_.path() / "sgperf.data"))
    EXPECT_NE(entry.path().extension(), ".sgp") << "nothing was to be inside";
  const Result neither = sgperf({"record"});
  EXPECT_EQ(neither.exit_code, 2) << neither.err;
}

TEST_F(Profile, BadFilesAreNoCrash) {
  ASSERT_EQ(sgperf({"record", "-q", "--", "/bin/true"}).exit_code, 0);
  const fs::path file = dir_.path() / "sgperf.data/perf.data";
  const std::string whole = read_file(file);
  for (const size_t keep : {size_t{0}, size_t{50}, size_t{104}, whole.size() / 2, whole.size() - 3}) {
    fs::remove(file);
    write_file(file, whole.substr(0, keep));
    write_file(dir_.path() / "sgperf.data/jit-1.dump", "DTiJ garbage");
    write_file(dir_.path() / "sgperf.data/perf-1.map", "zz zz zz\n1000 10 fine\n");
    write_file(dir_.path() / "sgperf.data/module-0-x.wasm", "no module");
    const Result result = sgperf({"report", "sgperf.data"});
    EXPECT_EQ(result.signal, 0) << keep;
    EXPECT_EQ(result.exit_code, 0) << keep << result.err;
  }
}

TEST_F(Profile, AnotherUserSeesItsOwn) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  TempDir own;
  chmod(own.path().c_str(), 0777);
  Options options;
  options.cwd = own.path();
  options.env = {"XDG_RUNTIME_DIR", "SGPERF_DIR", "HOME=/"};
  const Result result =
      run({"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", build_dir() / "cli/command/sgperf",
           "record", "--", "/bin/sh", "-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"},
          options);
  if (result.err.find("Permission denied") != std::string::npos)
    GTEST_SKIP() << "another user cannot reach the build folder: " << result.err;
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const bool samples = fs::exists(own.path() / "sgperf.data/perf.data");
  // Either it is allowed, or a line says what is missing, why, and how to get it.
  if (!samples) {
    EXPECT_NE(result.err.find("get it:"), std::string::npos) << result.err;
  }
}

} // namespace
} // namespace sgperf::test
