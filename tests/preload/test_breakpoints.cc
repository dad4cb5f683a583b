// SPDX-License-Identifier: Apache-2.0
// Where the guest of a stock runtime begins and ends: breakpoints that the process sets on itself, and what a report
// makes of their hits.
#include "libsgperf/entry_layout.h"
#include "libsgperf/fixture.h"
#include "support/cache.h"
#include "support/wasmtime_python.h"

#include "engines/engine_run.h"

#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace fs = std::filesystem;

namespace sgperf::test {
namespace {

using json = nlohmann::json;

// A guest that does nothing, ends by proc_exit(7), traps.  "two": exports a second function, so that the image has two
// trampolines, and the names are needed to tell them apart.
constexpr const char *returns = "(module (func $_start (export \"_start\")))";
constexpr const char *exits = "(module (import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))\n"
                              "  (memory (export \"memory\") 1)\n"
                              "  (func $_start (export \"_start\") (call $exit (i32.const 7))))";
constexpr const char *traps = "(module (func $_start (export \"_start\") unreachable))";
constexpr const char *two = "(module (func (export \"before\")) (func $_start (export \"_start\"))\n"
                            "  (func (export \"after\")))";
constexpr const char *uses_other = "(module (import \"other\" \"add\" (func $add (param i32) (result i32)))\n"
                                   "  (func $_start (export \"_start\") (drop (call $add (i32.const 1)))))";
constexpr const char *other = "(module (func $add (export \"add\") (param i32) (result i32)\n"
                              "  (i32.add (local.get 0) (i32.const 3))))";

class Breakpoints : public Libsgperf {
protected:
  void SetUp() override {
    Libsgperf::SetUp();
    options_.env.push_back("SGPERF_BREAKPOINTS");
    options_.env.push_back("SGPERF_KNOCK");
    if (!fs::exists(stock_wasmtime())) GTEST_SKIP() << stock_wasmtime() << " is missing (./dev test fetches it)";
  }
  void TearDown() override {
    for (const auto &entry : fs::directory_iterator(cwd_.path()))
      if (made_.contains(entry.path().filename())) fs::remove(entry.path());
    Libsgperf::TearDown();
  }
  std::string module(const std::string &name, const char *text, bool names = true) {
    const fs::path source = cwd_.path() / (name + ".wat"), binary = cwd_.path() / (name + ".wasm");
    write_file(source, text);
    made_.insert({source.filename(), binary.filename()});
    std::vector<std::string> argv{"wat2wasm", source.string(), "-o", binary.string()};
    if (names) argv.push_back("--debug-names");
    const Result result = run(argv);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return binary;
  }
  Result preloaded(const std::vector<std::string> &argv, std::vector<std::string> env = {}) {
    Options options = options_;
    options.env.push_back("LD_PRELOAD=" + library());
    options.env.insert(options.env.end(), env.begin(), env.end());
    return run(argv, options);
  }
  Result wasmtime(std::vector<std::string> arguments, std::vector<std::string> env = {}) {
    arguments.insert(arguments.begin(), {stock_wasmtime().string(), "run", "-C", "cache=n"});
    return preloaded(arguments, std::move(env));
  }
  std::vector<CodeRecord> records(uint32_t kind) {
    std::vector<CodeRecord> out;
    for (const auto &file : code_files(dir()))
      for (CodeRecord &one : read_code(file))
        if (one.record.kind == kind) out.push_back(std::move(one));
    return out;
  }
  std::vector<uint32_t> roles() {
    std::vector<CodeRecord> hits = records(SGPERF_CODE_HIT);
    std::sort(hits.begin(), hits.end(), [](const auto &a, const auto &b) { return a.record.time < b.record.time; });
    std::vector<uint32_t> out;
    for (const CodeRecord &one : hits) out.push_back(one.record.flags);
    return out;
  }
  json report() {
    const auto sessions = session_files(dir());
    EXPECT_EQ(sessions.size(), 1u);
    if (sessions.empty()) return {};
    const Result result =
        run({build_dir() / "cli/command/sgperf", "report", sessions.back().string(), "--format", "json"}, options_);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return json::parse(result.out, nullptr, false);
  }
  std::vector<std::string> phases(const json &report) {
    std::vector<std::string> out;
    for (const json &one : report["session_phases"]) out.push_back(one["name"]);
    return out;
  }
  std::string remarks(const json &report) { return report["sessions"][0]["remarks"].dump(); }

  std::set<std::string> made_;
};

#define NEEDS_BREAKPOINTS()                                                                                            \
  if (const auto refused = roles(); refused.size() == 1 && refused[0] == SGPERF_HIT_REFUSED)                           \
  GTEST_SKIP() << "breakpoints are refused here: " << std::strerror(int(records(SGPERF_CODE_HIT)[0].record.length))

const std::vector<std::string> all_phases{"start-up+compile", "sgperf: set breakpoints", "instantiate", "execute",
                                          "teardown"};
using Roles = std::vector<uint32_t>;

TEST_F(Breakpoints, NormalReturn) {
  const Result live = wasmtime({module("m", returns)});
  EXPECT_EQ(live.exit_code, 0) << live.err;
  EXPECT_EQ(live.out + live.err, "");
  NEEDS_BREAKPOINTS();
  EXPECT_EQ(roles(), (Roles{SGPERF_HIT_ENTRY, SGPERF_HIT_RETURN}));
  const json all = report();
  EXPECT_EQ(phases(all), all_phases);
  for (const json &phase : all["session_phases"]) {
    EXPECT_EQ(phase["times"], 1) << phase;
    EXPECT_EQ(phase["open"], 0) << phase;
    EXPECT_GT(phase["total"], 0) << phase;
  }
  EXPECT_NE(remarks(all).find("normal return"), std::string::npos) << remarks(all);
  const auto loaded = records(SGPERF_CODE_IMAGE), gone = records(SGPERF_CODE_UNLOAD), hits = records(SGPERF_CODE_HIT);
  ASSERT_EQ(loaded.size(), 1u);
  ASSERT_EQ(gone.size(), 1u);
  EXPECT_LT(loaded[0].record.time, hits[0].record.time);
  EXPECT_LT(hits[0].record.time, hits[1].record.time);
  EXPECT_LT(hits[1].record.time, gone[0].record.time);
}

TEST_F(Breakpoints, ProcExit) {
  EXPECT_EQ(wasmtime({module("m", exits)}).exit_code, 7);
  NEEDS_BREAKPOINTS();
  EXPECT_EQ(roles(), (Roles{SGPERF_HIT_ENTRY, SGPERF_HIT_UNWIND}));
  const json all = report();
  EXPECT_EQ(phases(all), all_phases);
  EXPECT_NE(remarks(all).find("unwinding return"), std::string::npos) << remarks(all);
}

TEST_F(Breakpoints, Trap) {
  const std::string wasm = module("m", traps);
  const Result plain = run({stock_wasmtime(), "run", wasm}, options_), live = wasmtime({wasm});
  EXPECT_EQ(live.exit_code, plain.exit_code);
  EXPECT_EQ(live.signal, plain.signal);
  EXPECT_EQ(live.err, plain.err);
  NEEDS_BREAKPOINTS();
  EXPECT_EQ(roles(), (Roles{SGPERF_HIT_ENTRY, SGPERF_HIT_UNWIND}));
}

// What clang makes of main(): return 7 is proc_exit(7); both a `_start` and a `_start.command_export`.
TEST_F(Breakpoints, ProgramOfClang) {
  write_file(cwd_.path() / "seven.c", "int main(void) { return 7; }\n");
  made_.insert({"seven.c", "seven.wasm", "seven.cwasm"});
  const std::string wasm = cwd_.path() / "seven.wasm", compiled = cwd_.path() / "seven.cwasm";
  const Result built =
      run({"clang-16", "--target=wasm32-wasi", "-O1", (cwd_.path() / "seven.c").string(), "-o", wasm}, options_);
  ASSERT_EQ(built.exit_code, 0) << built.err;
  EXPECT_EQ(wasmtime({wasm}).exit_code, 7);
  NEEDS_BREAKPOINTS();
  EXPECT_EQ(roles(), (Roles{SGPERF_HIT_ENTRY, SGPERF_HIT_UNWIND}));
  // The same from a compiled file: it is deserialised, not compiled.
  for (const auto &entry : fs::directory_iterator(dir())) fs::remove(entry.path());
  ASSERT_EQ(run({stock_wasmtime(), "compile", "-o", compiled, wasm}, options_).exit_code, 0);
  EXPECT_EQ(wasmtime({"--allow-precompiled", compiled}).exit_code, 7);
  EXPECT_EQ(roles(), (Roles{SGPERF_HIT_ENTRY, SGPERF_HIT_UNWIND}));
  const auto seen = phases(report());
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.front(), "start-up+deserialize");
}

// No names in the image: the export section of the module, which is an argument, says which trampoline it is.
TEST_F(Breakpoints, StrippedModule) {
  EXPECT_EQ(wasmtime({module("m", two, false)}).exit_code, 0);
  NEEDS_BREAKPOINTS();
  EXPECT_EQ(roles(), (Roles{SGPERF_HIT_ENTRY, SGPERF_HIT_RETURN}));
}

TEST_F(Breakpoints, TwoModules) {
  const std::string library = module("other", other), main = module("m", uses_other);
  const Result live = wasmtime({"--preload", "other=" + library, main});
  EXPECT_EQ(live.exit_code, 0) << live.err;
  ASSERT_EQ(records(SGPERF_CODE_IMAGE).size(), 2u);
  const auto hits = records(SGPERF_CODE_HIT);
  NEEDS_BREAKPOINTS();
  // Of the one with _start, and not of what it calls.
  ASSERT_EQ(roles(), (Roles{SGPERF_HIT_ENTRY, SGPERF_HIT_RETURN}));
  const auto images = records(SGPERF_CODE_IMAGE);
  for (const CodeRecord &image : images) {
    sgperf_entry_points points;
    const bool is_main = image.bytes.find("::_start") != std::string::npos;
    if (!is_main) continue;
    ASSERT_TRUE(sgperf_find_entry(image.bytes.data(), image.bytes.size(), nullptr, 0, &points));
    EXPECT_EQ(hits[0].record.base, image.record.base + points.entry);
  }
}

// The guest runs on a thread that was there before the code was published.
TEST_F(Breakpoints, OlderThread) {
  const fs::path engine = fetched_wasmtime() / "_libwasmtime.so";
  if (!fs::exists(engine)) GTEST_SKIP() << cannot_run("wasmtime");
  const std::string wasm = module("m", returns);
  write_file(cwd_.path() / "run.py", std::string(wasmtime_python) + "import threading\n"
                                                                    "ready = threading.Event()\n"
                                                                    "def work():\n"
                                                                    "    ready.wait()\n"
                                                                    "    call(b'_start')\n"
                                                                    "    print(threading.get_native_id())\n"
                                                                    "thread = threading.Thread(target=work)\n"
                                                                    "thread.start()\n"
                                                                    "load(open(sys.argv[2], 'rb').read())\n"
                                                                    "ready.set()\n"
                                                                    "thread.join()\n");
  made_.insert("run.py");
  const Result live = preloaded({"/usr/bin/python3", (cwd_.path() / "run.py").string(), engine, wasm});
  ASSERT_EQ(live.exit_code, 0) << live.err;
  NEEDS_BREAKPOINTS();
  ASSERT_EQ(roles(), (Roles{SGPERF_HIT_ENTRY, SGPERF_HIT_RETURN}));
  for (const CodeRecord &hit : records(SGPERF_CODE_HIT))
    EXPECT_EQ(hit.record.tid, strtoul(live.out.c_str(), nullptr, 10)) << "which is not the process's first thread";
}

// Another user, without a privilege: as root for 2 and less of kernel.perf_event_paranoid.
TEST_F(Breakpoints, WithoutPrivileges) {
  SKIP_WITHOUT_ROOT("becomes another user");
  const std::string wasm = module("m", returns);
  chmod(cwd_.path().c_str(), 0755);
  chmod(dir().c_str(), 0700);
  ASSERT_EQ(chown(dir().c_str(), 65534, 65534), 0);
  // What may not be looked into from there: the copies lie where everybody may read.
  TempDir open_to_all;
  chmod(open_to_all.path().c_str(), 0755);
  const fs::path runtime = open_to_all.path() / "wasmtime", preload = open_to_all.path() / "libsgperf.so";
  fs::copy_file(stock_wasmtime(), runtime);
  fs::copy_file(library(), preload);
  Options options = options_;
  options.env.push_back("HOME=/nonexistent");
  const Result live = run({"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all", "env",
                           "LD_PRELOAD=" + preload.string(), runtime.string(), "run", "-C", "cache=n", wasm},
                          options);
  EXPECT_EQ(live.exit_code, 0) << live.err;
  NEEDS_BREAKPOINTS();
  EXPECT_EQ(roles(), (Roles{SGPERF_HIT_ENTRY, SGPERF_HIT_RETURN}));
}

// Docker's default profile answers with EPERM, others kill: it is not tried, and said; the rest is there.
TEST_F(Breakpoints, RefusedByAFilter) {
  const std::string launcher = build_dir() / "tests/preload/without_perf";
  const Result live = preloaded({launcher, stock_wasmtime(), "run", module("m", returns)});
  EXPECT_EQ(live.exit_code, 0) << live.err;
  ASSERT_EQ(records(SGPERF_CODE_IMAGE).size(), 1u);
  const auto hits = records(SGPERF_CODE_HIT);
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].record.flags, unsigned{SGPERF_HIT_REFUSED});
  EXPECT_EQ(hits[0].record.length, uint64_t{EPERM});
  // The launcher has a session too.
  for (const auto &file : session_files(dir()))
    if (read_session(file).header.phase_count == 0) fs::remove(file);
  const json all = report();
  const auto seen = phases(all);
  EXPECT_NE(std::find(seen.begin(), seen.end(), "instantiate+execute"), seen.end()) << all["session_phases"];
  EXPECT_NE(remarks(all).find("perf_event_paranoid"), std::string::npos) << remarks(all);
}

TEST_F(Breakpoints, CanBeSwitchedOff) {
  EXPECT_EQ(wasmtime({module("m", returns)}, {"SGPERF_BREAKPOINTS=0"}).exit_code, 0);
  EXPECT_EQ(roles(), Roles{});
  const auto seen = phases(report());
  EXPECT_EQ(seen, (std::vector<std::string>{"start-up+compile", "instantiate+execute", "teardown"}));
}

// A recorder that promised to listen and does not: the process waits 50 ms, and does it itself.
TEST_F(Breakpoints, NobodyAnswersAKnock) {
  EXPECT_EQ(wasmtime({module("m", returns)}, {"SGPERF_KNOCK=1"}).exit_code, 0);
  NEEDS_BREAKPOINTS();
  EXPECT_EQ(roles(), (Roles{SGPERF_HIT_ENTRY, SGPERF_HIT_RETURN}));
  EXPECT_EQ(session().header.knocks, 1u);
  EXPECT_EQ(session().header.answered, 0u);
}

// Cut anywhere, bytes changed anywhere: found or not, never a read outside (AddressSanitizer runs this too).
TEST(EntryPoints, DamagedImages) {
  EXPECT_FALSE([] {
    sgperf_entry_points points;
    return sgperf_find_entry("", 0, nullptr, 0, &points);
  }());
  std::string module = std::string("\0asm\1\0\0\0", 8) + std::string("\7\x0a\1\6_start\0\5", 12);
  uint32_t index = 0;
  ASSERT_TRUE(sgperf_exported_start(module.data(), module.size(), &index));
  EXPECT_EQ(index, 5u);
  for (size_t cut = 0; cut < module.size(); ++cut) {
    const std::vector<char> exact(module.begin(), module.begin() + static_cast<long>(cut));
    EXPECT_FALSE(sgperf_exported_start(exact.data(), exact.size(), &index)) << cut;
  }
}

} // namespace
} // namespace sgperf::test
