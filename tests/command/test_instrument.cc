// SPDX-License-Identifier: Apache-2.0
// `sgperf instrument`, and `sgperf record --bench` of runtimes as they are installed: bench.start and bench.end are
// seen, and the guest sees nothing of it.  A runtime that is not there is skipped.
#include "support/cache.h"
#include "support/process.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace sgperf::test {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;
using Words = std::vector<std::string>;

// Five regions.  Bytes 0 to 255 of memory are a pattern; the sum of what is there in the end, and what stderr and
// stdout say, are the guest's own business.
constexpr const char *guest_text = R"((module $guest
  (import "bench" "start" (func $start)) (import "bench" "end" (func $end))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 1000) "regions\n")
  (func (export "_start") (local $i i32) (local $sum i32)
    (loop $fill
      (i32.store8 (local.get $i) (i32.mul (local.get $i) (i32.const 37)))
      (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 256))))
    (local.set $i (i32.const 0))
    (loop $regions
      (call $start) (call $end)
      (br_if $regions (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5))))
    (local.set $i (i32.const 0))
    (loop $check
      (if (i32.ne (i32.load8_u (local.get $i)) (i32.and (i32.mul (local.get $i) (i32.const 37)) (i32.const 255)))
        (then (call $exit (i32.const 99))))
      (br_if $check (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 256))))
    (i32.store (i32.const 1100) (i32.const 1000)) (i32.store (i32.const 1104) (i32.const 8))
    (drop (call $write (i32.const 1) (i32.const 1100) (i32.const 1) (i32.const 1108)))
    (call $exit (i32.const 7))))
)";

constexpr const char *node_text = R"(
const { WASI } = require('node:wasi');
const { readFileSync } = require('fs');
const wasi = new WASI({ version: 'preview1', returnOnExit: true });
const bytes = readFileSync(process.argv[2]), imports = wasi.getImportObject();
const run = (instance) => { process.exitCode = wasi.start(instance); };
if (process.argv[3] === 'own') imports.bench = { start() {}, end() {} };
if (process.argv[3] === 'constructor') {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  if (!(instance instanceof WebAssembly.Instance)) throw new Error('no instance');
  run(instance);
} else if (process.argv[3] === 'module') WebAssembly.compile(bytes).then((m) => WebAssembly.instantiate(m, imports)).then(run);
else WebAssembly.instantiate(bytes, imports).then(({ instance }) => run(instance));
)";

class Instrument : public ::testing::Test {
protected:
  Instrument() : runtime_("/dev/shm") { chmod(runtime_.path().c_str(), 0700); }
  void SetUp() override {
    write_file(dir_.path() / "guest.wat", guest_text);
    write_file(dir_.path() / "run.cjs", node_text);
    const Result result = run({"wat2wasm", "guest.wat", "-o", "guest.wasm"}, options());
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  Options options() const {
    Options out;
    out.cwd = dir_.path();
    out.timeout_s = 60;
    out.env = {"XDG_RUNTIME_DIR=" + runtime_.path().string(), "SGPERF_DIR", "SGPERF_SITES", "LD_PRELOAD",
               "NODE_OPTIONS"};
    return out;
  }
  Result sgperf(Words arguments) {
    arguments.insert(arguments.begin(), build_dir() / "cli/command/sgperf");
    return run(arguments, options());
  }
  std::string file(const std::string &name) const { return read_file(dir_.path() / name); }
  bool exists(const std::string &name) const { return fs::exists(dir_.path() / name); }
  void instrument(const std::string &output, const std::string &call) {
    const Result result = sgperf({"instrument", "guest.wasm", "-o", output, "--call", call});
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }

  // How many regions were seen and ended; the program's output and exit code are to be the guest's.
  int regions(const Words &command, const Words &switches = {"--bench", "--no-samples"}) {
    Words arguments{"record", "-q"};
    arguments.insert(arguments.end(), switches.begin(), switches.end());
    arguments.push_back("--");
    arguments.insert(arguments.end(), command.begin(), command.end());
    const Result result = sgperf(arguments);
    EXPECT_EQ(result.exit_code, 7) << result.err;
    EXPECT_EQ(result.out, "regions\n");
    EXPECT_FALSE(exists("sgperf.data/engine"));
    const bool said = result.err.find("no bench.start and bench.end were seen") != std::string::npos;
    const json report = json::parse(sgperf({"report", "sgperf.data", "--json"}).out, nullptr, false);
    if (!report.is_object()) return -1;
    int count = 0;
    for (const json &row : report["session_phases"]) {
      if (row["bench"] == false) continue;
      EXPECT_EQ(row["open"].get<int>() + row["aborted"].get<int>(), 0);
      count += row["times"].get<int>();
    }
    EXPECT_EQ(said, count == 0 && switches[0] == "--bench") << result.err;
    return count;
  }
  // Whether the kernel's side counts system calls here; else `refusal_` says why not.
  bool kernel_counts() {
    const Result result = sgperf({"record", "-q", "--no-preload", "--no-samples", "-o", "probe", "--", "/bin/true"});
    refusal_ = result.err;
    const std::string sums = exists("probe/syscalls.jsonl") ? file("probe/syscalls.jsonl") : "";
    fs::remove_all(dir_.path() / "probe");
    return sums.find("exit_group") != std::string::npos;
  }
  bool has(const std::string &program) { return run({"sh", "-c", "command -v " + program}).exit_code == 0; }

  TempDir dir_, runtime_;
  std::string refusal_;
};

TEST_F(Instrument, WritesAModuleAndItsMap) {
  const Result result = sgperf({"instrument", "guest.wasm", "-o", "out.wasm", "--map", "out.map"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.err.find("2 uses of bench.start and bench.end replaced; all code is where it was"),
            std::string::npos)
      << result.err;
  EXPECT_EQ(run({"wasm-validate", "out.wasm"}, options()).exit_code, 0);
  EXPECT_EQ(file("out.map").substr(0, 4), "1 1\n");
  EXPECT_TRUE(file("out.map").ends_with(" -\n"));
  const Result listed = run({"wasm-objdump", "-x", "out.wasm"}, options());
  EXPECT_EQ(listed.out.find("bench.start <-"), std::string::npos) << listed.out;
  // To stdout: the module and nothing else.
  const Result piped = sgperf({"instrument", "guest.wasm", "-o", "-"});
  EXPECT_EQ(piped.out, file("out.wasm"));
  EXPECT_EQ(piped.err, "");
  fs::create_symlink("guest.wasm", dir_.path() / "link.wasm");
  EXPECT_EQ(sgperf({"instrument", "link.wasm", "-o", "-"}).out, piped.out);
}

TEST_F(Instrument, RefusesAndWritesNothing) {
  const std::string before = file("guest.wasm");
  const struct {
    Words arguments;
    const char *word;
  } cases[] = {{{"guest.wat", "-o", "out"}, "guest.wat: expected a WebAssembly module"},
               {{"absent.wasm", "-o", "out"}, "absent.wasm"},
               {{"guest.wasm"}, "--output"},
               {{"guest.wasm", "-o", "out", "--call", "sing"}, "sing"},
               {{"guest.wasm", "-o", "guest.wasm"}, "another file than the module"},
               {{"guest.wasm", "-o", "out", "--map", "./guest.wasm"}, "another file than the module"}};
  for (const auto &one : cases) {
    Words arguments = one.arguments;
    arguments.insert(arguments.begin(), "instrument");
    const Result result = sgperf(arguments);
    EXPECT_EQ(result.exit_code, 2) << one.word;
    EXPECT_NE((result.err + result.out).find(one.word), std::string::npos) << result.err << result.out;
    EXPECT_FALSE(exists("out"));
  }
  EXPECT_EQ(file("guest.wasm"), before);
}

TEST_F(Instrument, StockWasmtime) {
  if (!fs::exists(stock_wasmtime())) GTEST_SKIP() << stock_wasmtime() << " is missing (./dev test fetches it)";
  const std::string wasmtime = stock_wasmtime();
  EXPECT_EQ(regions({wasmtime, "run", "guest.wasm"}), 5) << "the module as it is";
  EXPECT_EQ(regions({wasmtime, "guest.wasm"}, {"-F", "99"}), 5) << "without --bench too, and with samples";
  // A compiled module does not say what it imports.
  ASSERT_EQ(run({wasmtime, "compile", "guest.wasm", "-o", "guest.cwasm"}, options()).exit_code, 0);
  EXPECT_EQ(regions({wasmtime, "run", "--allow-precompiled", "guest.cwasm"}), 5);
  instrument("sleep.wasm", "sleep");
  EXPECT_EQ(regions({wasmtime, "run", "sleep.wasm"}), 5);
  const Result alone = run({wasmtime, "run", "sleep.wasm"}, options());
  EXPECT_EQ(alone.exit_code, 7) << alone.err;
  EXPECT_EQ(alone.out, "regions\n");
  EXPECT_EQ(alone.err, "");
}

// Without our library the marks reach the kernel, where its side hears them: of a program that nothing can be loaded
// into, and of runtimes that are looked at from outside.
TEST_F(Instrument, MarksAreHeardFromOutside) {
  const std::string program = build_dir() / "tests/command/static-marks";
  if (!kernel_counts()) GTEST_SKIP() << "the probes are refused here: " << refusal_;
  for (const char *how : {"write", "sleep"}) {
    EXPECT_EQ(regions({program, how}), 5) << how;
    const json report = json::parse(sgperf({"report", "sgperf.data", "--json"}).out, nullptr, false);
    for (const json &row : report["session_phases"]) {
      if (row["bench"] == false) continue;
      EXPECT_GE(row["total"].get<double>(), 5e6) << row; // a millisecond of work in each
      EXPECT_LT(row["min"].get<double>(), 1.9e6) << "what is outside of the region, or a sleep, is in it: " << row;
    }
  }
  EXPECT_EQ(regions({program, "write"}, {"--bench", "--no-syscalls", "--no-samples"}), 0) << "nobody listens";
  if (fs::exists(stock_wasmtime())) {
    EXPECT_EQ(regions({stock_wasmtime(), "run", "guest.wasm"}, {"--no-preload", "-F", "99"}), 5);
    EXPECT_EQ(regions({stock_wasmtime(), "run", "guest.wasm"}, {"--bench", "--no-preload", "--no-samples"}), 5);
  }
  if (has("node")) {
    EXPECT_EQ(regions({"node", "--no-warnings", "run.cjs", "guest.wasm", "bytes"}, {"--bench", "--no-preload"}), 5);
  }
}

TEST_F(Instrument, StockNode) {
  if (!has("node")) GTEST_SKIP() << "no node here";
  if (run({"node", "-e", "require('node:wasi')"}).exit_code != 0) GTEST_SKIP() << "this node has no WASI";
  for (const char *how : {"bytes", "module", "constructor"})
    EXPECT_EQ(regions({"node", "--no-warnings", "run.cjs", "guest.wasm", how}), 5) << how;
  EXPECT_EQ(regions({"node", "--no-warnings", "run.cjs", "guest.wasm", "own"}), 0) << "the program's own are taken";
  instrument("write.wasm", "write");
  EXPECT_EQ(regions({"node", "--no-warnings", "run.cjs", "write.wasm", "bytes"}, {"-F", "99"}), 5);
  const Result alone = run({"node", "--no-warnings", "run.cjs", "write.wasm"}, options());
  EXPECT_EQ(alone.exit_code, 7) << alone.err;
  EXPECT_EQ(alone.out, "regions\n");
  EXPECT_EQ(alone.err, "");
}

TEST_F(Instrument, RecordSaysWhereNoMarkWouldBeSeen) {
  instrument("write.wasm", "write");
  instrument("sleep.wasm", "sleep");
  for (const char *name : {"wasmtime", "node", "wasm-interp", "runtime", "wasm3", "python3"}) {
    write_file(dir_.path() / name, "#!/bin/sh\nexit 0\n");
    chmod((dir_.path() / name).c_str(), 0755);
  }
  const struct {
    Words command;
    const char *word;
  } cases[] = {{{"./wasmtime", "run", "write.wasm"}, "--call sleep"},
               {{"./node", "run.cjs", "sleep.wasm"}, "--call write"},
               {{"./python3", "sleep.wasm"}, "sgperf_bench_start()"},
               {{"./wasm-interp", "guest.wasm"}, "no mark of guest.wasm would be seen"},
               {{"./wasm3", "guest.wasm"},
                "cannot supply to wasm3: make a module without them by `sgperf instrument guest.wasm"}};
  for (const auto &one : cases) {
    for (const bool dry : {false, true}) {
      Words arguments{"record", "--bench"};
      if (dry) arguments.push_back("-n");
      arguments.push_back("--");
      arguments.insert(arguments.end(), one.command.begin(), one.command.end());
      const Result result = sgperf(arguments);
      EXPECT_EQ(result.exit_code, 2) << one.word;
      EXPECT_NE(result.err.find(one.word), std::string::npos) << result.err;
      EXPECT_FALSE(exists("sgperf.data"));
    }
  }
  // A host that is not known may have marks of its own: that it had none is said afterwards.
  const Result result = sgperf({"record", "--bench", "--no-samples", "--", "/bin/true", "guest.wasm"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_NE(result.err.find("no bench.start and bench.end were seen"), std::string::npos) << result.err;
  EXPECT_EQ(sgperf({"record", "--bench", "--no-recipes", "--", "./runtime", "guest.wasm"}).exit_code, 2);
  for (const char *other : {"--no-probes", "--no-syscalls"})
    EXPECT_EQ(sgperf({"record", "--bench", "--no-preload", other, "--", "./runtime", "guest.wasm"}).exit_code, 2)
        << other;
}

} // namespace
} // namespace sgperf::test
