// SPDX-License-Identifier: Apache-2.0
// examples/wasmtime: a Rust engine of the registry, as it comes and with our patch, under a host of ours.
#include "examples/built_example.h"
#include "libsgperf/fixture.h"

#include <memory>
#include <set>
#include <sstream>

namespace fs = std::filesystem;

namespace sgperf::test {
namespace {

class WasmtimeHost : public Libsgperf {
protected:
  static void SetUpTestSuite() { built_ = std::make_unique<BuiltExample>("wasmtime"); }
  static void TearDownTestSuite() { built_.reset(); }
  void SetUp() override {
    Libsgperf::SetUp();
    if (!built_->skip().empty()) GTEST_SKIP() << built_->skip();
    ASSERT_EQ(built_->error(), "");
  }
  static std::string workload(const std::string &name) { return build_dir() / "benchmarks" / name / (name + ".wasm"); }
  Result host(const std::string &program, const std::vector<std::string> &arguments, bool preload = false,
              const std::vector<std::string> &env = {}) {
    std::vector<std::string> argv{built_->path(program)};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    Options options = options_;
    options.env.insert(options.env.end(), env.begin(), env.end());
    if (preload) options.env.push_back("LD_PRELOAD=" + library());
    return run(argv, options);
  }
  std::string assembled(const std::string &text) {
    const fs::path source = out_.path() / "m.wat", binary = out_.path() / "m.wasm";
    write_file(source, text);
    const Result result = run({"wat2wasm", "--debug-names", source, "-o", binary});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return binary;
  }
  std::vector<CodeRecord> functions(uint32_t kind) {
    std::vector<CodeRecord> out;
    for (const fs::path &file : code_files(dir()))
      for (CodeRecord &one : read_code(file))
        if (one.record.kind == kind) out.push_back(std::move(one));
    return out;
  }

  static std::unique_ptr<BuiltExample> built_;
  TempDir out_;
};
std::unique_ptr<BuiltExample> WasmtimeHost::built_;

// Three functions of its own; fd_close(99) a thousand times between the marks; exit code 7.
const char *const closing = R"((module $named
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "bench" "start" (func $start)) (import "bench" "end" (func $end))
  (memory (export "memory") 1)
  (func $once (drop (call $close (i32.const 99))))
  (func $work (param $n i32) (loop $again (call $once)
    (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $trap (export "trap") unreachable)
  (func $main (export "_start") (call $start) (call $work (i32.const 1000)) (call $end) (call $exit (i32.const 7)))))";

TEST_F(WasmtimeHost, RunsWithoutSgperfAsItDoesWithoutThePatch) {
  for (const char *name : {"fibonacci", "sieve", "heapsort", "sha256", "base64"}) {
    const Result plain = host("host-plain", {workload(name)}), patched = host("host-sgperf", {workload(name)});
    EXPECT_EQ(plain.exit_code, 0) << name << plain.err;
    EXPECT_EQ(patched.exit_code, 0) << name << patched.err;
    EXPECT_EQ(patched.out, plain.out) << name;
    EXPECT_EQ(patched.err, plain.err) << name;
  }
  const std::string module = assembled(closing);
  for (const char *program : {"host-plain", "host-sgperf"}) {
    EXPECT_EQ(host(program, {module}).exit_code, 7) << program;
    const Result trap = host(program, {"--invoke", "trap", module});
    EXPECT_EQ(trap.exit_code, 134) << program;
    EXPECT_NE(trap.err.find("unreachable"), std::string::npos) << trap.err;
    const Result needed = run({"readelf", "-d", built_->path(program)});
    EXPECT_EQ(needed.out.find("sgperf"), std::string::npos) << needed.out;
  }
  EXPECT_TRUE(session_files(dir()).empty()) << "a program without the runtime left a session";
  const Result traces = run({"grep", "-c", "wasmtime::translate_function", built_->path("host-plain")});
  EXPECT_EQ(traces.out, "0\n") << "the plain program has our scopes in it";
}

TEST_F(WasmtimeHost, CountsFollowFromTheGuest) {
  EXPECT_EQ(host("host-sgperf", {assembled(closing)}, true).exit_code, 7);
  const Session session = this->session();
  const std::map<std::string, uint64_t> counts = {{"wasmtime::build_module", 1},
                                                  {"wasmtime::translate_function", 4},
                                                  {"wasmtime::function_bytes", 4},
                                                  {"wasmtime::instantiate", 1},
                                                  {"wasmtime::call", 1},
                                                  {"wasmtime::host_call", 1003}, // start, 1000 fd_close, end, proc_exit
                                                  {"wasmtime_host::fd_close", 1000},
                                                  {"wasmtime_host::compile", 1},
                                                  {"wasmtime_host::name_code", 1},
                                                  {"wasmtime_host::run", 1}};
  for (const auto &[name, count] : counts) EXPECT_EQ(session.sums(name).count, count) << name;
  EXPECT_EQ(session.sums("wasmtime::module_bytes").total, fs::file_size(out_.path() / "m.wasm"));
  for (const char *phase : {"compile", "instantiate", "execute"})
    EXPECT_EQ(session.phases_named(phase).size(), 1u) << phase;
  size_t benches = 0;
  for (const auto &phase : session.phases) benches += phase.kind == 1;
  EXPECT_EQ(benches, 1u);
  EXPECT_LE(session.sums("wasmtime_host::fd_close").total, session.sums("wasmtime::host_call").total);
  EXPECT_LE(session.sums("wasmtime::host_call").total, session.sums("wasmtime::call").total);
}

TEST_F(WasmtimeHost, CompilesOnMoreThanOneThread) {
  ASSERT_EQ(host("host-sgperf", {"--compile", "5", workload("printf-file")}, true, {"RAYON_NUM_THREADS=4"}).exit_code,
            0);
  const Session session = this->session();
  EXPECT_EQ(session.sums("wasmtime::build_module").count, 5u);
  EXPECT_GT(session.sums("wasmtime::translate_function").count, 5u * 50u) << "with a libc in it";
  size_t threads = 0;
  for (const Block &block : session.blocks)
    threads += block.slots.contains(*session.site("wasmtime::translate_function"));
  EXPECT_GT(threads, 1u);
}

// Every function under its name, where it runs, with its bytes; and gone with the module.
TEST_F(WasmtimeHost, JitCodeHasNames) {
  EXPECT_EQ(host("host-sgperf", {assembled(closing)}, true).exit_code, 7);
  const auto loads = functions(SGPERF_CODE_FUNCTION), images = functions(SGPERF_CODE_IMAGE),
             unloads = functions(SGPERF_CODE_UNLOAD);
  std::set<std::string> names;
  for (const CodeRecord &one : loads) {
    names.insert(one.name);
    EXPECT_EQ(one.bytes.size(), one.record.length) << one.name;
    const bool unloaded = std::any_of(unloads.begin(), unloads.end(),
                                      [&](const CodeRecord &gone) { return gone.record.base == one.record.base; });
    EXPECT_TRUE(unloaded) << one.name;
    // The same code as in the image that Wasmtime published.
    const bool published = std::any_of(images.begin(), images.end(), [&](const CodeRecord &image) {
      return one.record.base >= image.record.base &&
             one.record.base + one.record.length <= image.record.base + image.record.length &&
             image.bytes.compare(one.record.base - image.record.base, one.bytes.size(), one.bytes) == 0;
    });
    EXPECT_TRUE(published) << one.name;
  }
  EXPECT_EQ(names, (std::set<std::string>{"named!once", "named!work", "named!trap", "named!main"}));
}

TEST_F(WasmtimeHost, JitFilesAreWrittenWhenAskedFor) {
  const std::string module = assembled(closing);
  EXPECT_EQ(host("host-sgperf", {module}, true, {"SGPERF_JIT=jitdump"}).exit_code, 7);
  std::string dump;
  for (const auto &entry : fs::directory_iterator(dir()))
    if (entry.path().extension() == ".dump") {
      dump = read_file(entry.path());
      expected_files_.insert(entry.path().filename());
    }
  EXPECT_NE(dump.find("named!work"), std::string::npos);
}

TEST_F(WasmtimeHost, AheadOfTimeThroughAFile) {
  const std::string artefact = out_.path() / "m.cwasm";
  EXPECT_EQ(host("host-sgperf", {"--aot", artefact, assembled(closing)}, true).exit_code, 7);
  const Session session = this->session();
  for (const char *phase : {"compile", "serialize", "deserialize", "instantiate", "execute"})
    EXPECT_EQ(session.phases_named(phase).size(), 1u) << phase;
  EXPECT_GT(fs::file_size(artefact), 1000u);
}

TEST_F(WasmtimeHost, SelectionLeavesTheHostOnly) {
  EXPECT_EQ(host("host-sgperf", {assembled(closing)}, true, {"SGPERF_SITES=wasmtime_host::*"}).exit_code, 7);
  const Session session = this->session();
  EXPECT_EQ(session.sums("wasmtime_host::fd_close").count, 1000u);
  EXPECT_EQ(session.sums("wasmtime::call").count, 0u);
}

TEST_F(WasmtimeHost, ReportHasItsRows) {
  ASSERT_EQ(host("host-sgperf", {workload("fibonacci")}, true).exit_code, 0);
  const Result report = run({build_dir() / "cli/command/sgperf", "report", session_files(dir()).at(0)});
  for (const char *row : {"wasmtime::build_module", "wasmtime::translate_function", "wasmtime::call",
                          "wasmtime_host::fd_write", "wasmtime::function_bytes", "instantiate"})
    EXPECT_NE(report.out.find(row), std::string::npos) << row << "\n" << report.out;
}

TEST_F(WasmtimeHost, BadModulesAreRefused) {
  write_file(out_.path() / "garbage.wasm", std::string("\0asm\1\0\0\0\x0a\xff\xff\xff", 12));
  const std::string whole = read_file(workload("sieve"));
  write_file(out_.path() / "cut.wasm", whole.substr(0, whole.size() / 2));
  for (const fs::path &path : {out_.path() / "garbage.wasm", out_.path() / "cut.wasm", fs::path("/etc/passwd"),
                               fs::path("/tmp"), fs::path("/no/such/file")}) {
    const Result result = host("host-sgperf", {path}, true);
    EXPECT_EQ(result.exit_code, 2) << path << ", signal " << result.signal << result.err;
    EXPECT_NE(result.err.find(path.string()), std::string::npos) << result.err;
    EXPECT_EQ(result.err.find("panicked"), std::string::npos) << result.err;
  }
  EXPECT_EQ(host("host-sgperf", {}).exit_code, 64);
}

TEST_F(WasmtimeHost, KilledInTheMiddleLeavesWhatWasFinished) {
  const std::string module = assembled(R"((module
    (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start") (loop $forever (drop (call $close (i32.const 99))) (br $forever)))))");
  options_.kill_signal = SIGKILL;
  options_.kill_after_s = 0.7;
  EXPECT_EQ(host("host-sgperf", {module}, true).signal, SIGKILL);
  const Session session = this->session();
  EXPECT_GT(session.sums("wasmtime::host_call").count, 1000u);
  EXPECT_EQ(session.sums("wasmtime::call").count, 0u) << "was open";
  EXPECT_EQ(session.sums("wasmtime::build_module").count, 1u);
}

// ---- the patch and the build -------------------------------------------------------------------------------------

TEST(WasmtimeBuild, PatchHasOnlyLinesOfOurs) {
  std::istringstream in(read_file(source_dir() / "examples/wasmtime/sgperf.patch"));
  size_t added = 0;
  for (std::string line; std::getline(in, line);) {
    const bool header = line.starts_with("--- a/") || line.starts_with("+++ b/");
    const bool hunk = line.starts_with("@@ ") && line.ends_with(" @@");
    const bool ours = line == "+" || line.starts_with("+path = ") ||
                      (line.starts_with("+") && line.find("sgperf") != std::string::npos);
    EXPECT_TRUE(header || hunk || ours) << line;
    added += ours && !header;
  }
  EXPECT_GT(added, 10u);
}

TEST(WasmtimeBuild, OtherSourcesThanExpectedAreRefused) {
  TempDir cache, out;
  fs::create_directories(cache.path() / "sources/wasmtime-48.0.8/wasmtime/src");
  write_file(cache.path() / "sources/wasmtime-48.0.8/wasmtime/src/compile.rs", "fn changed() {}\n");
  const Result result = build_example("wasmtime", out.path(), {"SGPERF_CACHE=" + cache.path().string()});
  if (result.exit_code == 4) GTEST_SKIP() << result.err;
  EXPECT_EQ(result.exit_code, 5) << result.err;
  EXPECT_NE(result.err.find("files.sha256"), std::string::npos) << result.err;
  EXPECT_TRUE(fs::is_empty(out.path())) << "half a result";
}

} // namespace
} // namespace sgperf::test
