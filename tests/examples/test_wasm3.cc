// SPDX-License-Identifier: Apache-2.0
// examples/wasm3: a C engine of the registry, as it comes and with our patch.
#include "examples/built_example.h"
#include "libsgperf/fixture.h"

#include <memory>
#include <sstream>

namespace fs = std::filesystem;

namespace sgperf::test {
namespace {

class Wasm3 : public Libsgperf {
protected:
  static void SetUpTestSuite() { built_ = std::make_unique<BuiltExample>("wasm3"); }
  static void TearDownTestSuite() { built_.reset(); }
  void SetUp() override {
    Libsgperf::SetUp();
    if (!built_->skip().empty()) GTEST_SKIP() << built_->skip();
    ASSERT_EQ(built_->error(), "");
  }
  static std::string workload(const std::string &name) { return build_dir() / "benchmarks" / name / (name + ".wasm"); }
  // In the workload's folder, where its input lies.
  Result host(const std::string &program, const std::vector<std::string> &arguments, bool preload = false) {
    std::vector<std::string> argv{built_->path(program)};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    Options options = options_;
    if (preload) options.env.push_back("LD_PRELOAD=" + library());
    return run(argv, options);
  }
  // A module of the test, from its text.
  std::string assembled(const std::string &text) {
    const fs::path source = out_.path() / "m.wat", binary = out_.path() / "m.wasm";
    write_file(source, text);
    const Result result = run({"wat2wasm", source, "-o", binary});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return binary;
  }

  static std::unique_ptr<BuiltExample> built_;
  TempDir out_;
};
std::unique_ptr<BuiltExample> Wasm3::built_;

// Calls proc_exit(7) after `calls` calls of fd_close(99), inside bench.start and bench.end.
std::string closing(int calls) {
  return R"((module
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "bench" "start" (func $start)) (import "bench" "end" (func $end))
  (memory (export "memory") 3)
  (func $work (param $n i32) (loop $again
    (drop (call $close (i32.const 99)))
    (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "_start") (call $start) (call $work (i32.const )" +
         std::to_string(calls) + R"()) (call $end) (call $exit (i32.const 7)))))";
}

TEST_F(Wasm3, RunsWithoutSgperfAsItDoesWithoutThePatch) {
  for (const char *name : {"fibonacci", "sieve", "heapsort", "sha256", "base64"}) {
    const Result plain = host("wasm3-plain", {workload(name)}), patched = host("wasm3-sgperf", {workload(name)});
    EXPECT_EQ(patched.exit_code, plain.exit_code) << name;
    EXPECT_EQ(patched.exit_code, 0) << name << patched.err;
    EXPECT_EQ(patched.out, plain.out) << name;
    EXPECT_EQ(patched.err, "") << name;
  }
  EXPECT_EQ(host("wasm3-sgperf", {assembled(closing(3))}).exit_code, 7);
  EXPECT_TRUE(session_files(dir()).empty()) << "a program without the runtime left a session";
  for (const char *program : {"wasm3-plain", "wasm3-sgperf"}) {
    const Result needed = run({"readelf", "-d", built_->path(program)});
    EXPECT_EQ(needed.out.find("sgperf"), std::string::npos) << needed.out;
  }
  const Result traces = run({"grep", "-c", "sgperf_runtime", built_->path("wasm3-plain")});
  EXPECT_EQ(traces.out, "0\n") << "the plain program has something of sgperf in it";
}

TEST_F(Wasm3, CountsFollowFromTheGuest) {
  const Result live = host("wasm3-sgperf", {"--repeat", "1", assembled(closing(1000))}, true);
  EXPECT_EQ(live.exit_code, 7);
  EXPECT_EQ(live.err, "");
  const Session session = this->session();
  const std::map<std::string, uint64_t> counts = {
      {"wasm3::parse", 1},         {"wasm3::load", 1},           {"wasm3::compile", 2},
      {"wasm3::call", 1},          {"wasm3::host_call", 1003}, // start, 1000 fd_close, end, proc_exit
      {"wasm3_host::run_once", 1}, {"wasm3_host::read_file", 1}, {"wasm3_host::link_imports", 1},
      {"wasm3::compiled_bytes", 2}};
  for (const auto &[name, count] : counts) EXPECT_EQ(session.sums(name).count, count) << name;
  EXPECT_GT(session.sums("wasm3::link").count, 4u) << "all of WASI is offered, four are taken";
  EXPECT_EQ(session.sums("wasm3::parsed_bytes").total, fs::file_size(out_.path() / "m.wasm"));
  EXPECT_EQ(session.sums("wasm3::memory_pages").max, 3u);
  for (const char *phase : {"parse", "instantiate", "compile", "execute"})
    EXPECT_EQ(session.phases_named(phase).size(), 1u) << phase;
  size_t benches = 0;
  for (const auto &phase : session.phases) benches += phase.kind == 1;
  EXPECT_EQ(benches, 1u);
  // Self times of all scopes are the root's total and that of the two roots beside it, to the unit.
  uint64_t self = 0;
  for (const char *name : {"wasm3::parse", "wasm3::load", "wasm3::link", "wasm3::compile", "wasm3::call",
                           "wasm3::host_call", "wasm3_host::run_once", "wasm3_host::link_imports"})
    self += session.sums(name).self;
  EXPECT_EQ(self, session.sums("wasm3_host::run_once").total);
}

// An interpreter that knows nothing of sgperf: the marks of a rewritten module are regions.
TEST_F(Wasm3, MarksOfARewrittenModule) {
  const std::string module = assembled(closing(1000)), made = out_.path() / "marked.wasm";
  const Result rewritten = run({build_dir() / "cli/command/sgperf", "instrument", module, "-o", made});
  ASSERT_EQ(rewritten.exit_code, 0) << rewritten.err;
  const Result plain = host("wasm3-plain", {made}), live = host("wasm3-plain", {made}, true);
  EXPECT_EQ(plain.exit_code, 7) << plain.err;
  EXPECT_EQ(live.exit_code, 7) << live.err;
  EXPECT_EQ(live.out + live.err, "");
  const Session session = this->session();
  const auto regions = session.phases_named("bench");
  ASSERT_EQ(regions.size(), 1u);
  EXPECT_EQ(regions[0].ready, 2u);
  EXPECT_EQ(session.phases.size(), 1u);
}

TEST_F(Wasm3, RepeatsFromTheStart) {
  EXPECT_EQ(host("wasm3-sgperf", {"--repeat", "3", workload("fibonacci")}, true).exit_code, 0);
  const Session session = this->session();
  EXPECT_EQ(session.sums("wasm3::parse").count, 3u);
  EXPECT_EQ(session.sums("wasm3::call").count, 3u);
  EXPECT_EQ(session.phases_named("execute").size(), 3u);
}

TEST_F(Wasm3, CompilesWithoutRunning) {
  EXPECT_EQ(host("wasm3-sgperf", {"--compile", "--repeat", "5", workload("printf-file")}, true).exit_code, 0);
  const Session session = this->session();
  EXPECT_EQ(session.sums("wasm3::parse").count, 5u);
  EXPECT_GT(session.sums("wasm3::compile").count, 5u * 50u) << "with a libc in it";
  EXPECT_EQ(session.sums("wasm3::call").count, 0u);
}

TEST_F(Wasm3, ReportHasItsRows) {
  ASSERT_EQ(host("wasm3-sgperf", {workload("fibonacci")}, true).exit_code, 0);
  const auto files = session_files(dir());
  ASSERT_EQ(files.size(), 1u);
  const Result report = run({build_dir() / "cli/command/sgperf", "report", files[0]});
  for (const char *row : {"wasm3::parse", "wasm3::compile", "wasm3::call", "wasm3::host_call", "wasm3_host::run_once",
                          "wasm3::compiled_bytes", "instantiate"})
    EXPECT_NE(report.out.find(row), std::string::npos) << row << "\n" << report.out;
}

TEST_F(Wasm3, BadModulesAreRefused) {
  write_file(out_.path() / "garbage.wasm", std::string("\0asm\1\0\0\0\x0a\xff\xff\xff", 12));
  const std::string whole = read_file(workload("sieve"));
  write_file(out_.path() / "cut.wasm", whole.substr(0, whole.size() / 2));
  write_file(out_.path() / "empty.wasm", "");
  for (const fs::path &path : {out_.path() / "garbage.wasm", out_.path() / "cut.wasm", out_.path() / "empty.wasm",
                               fs::path("/etc/passwd"), fs::path("/tmp"), fs::path("/no/such/file")}) {
    const Result result = host("wasm3-sgperf", {path}, true);
    EXPECT_EQ(result.exit_code, 2) << path << ", signal " << result.signal;
    EXPECT_NE(result.err.find(path.string()), std::string::npos) << result.err;
  }
  EXPECT_EQ(host("wasm3-sgperf", {}).exit_code, 64);
}

TEST_F(Wasm3, KilledInTheMiddleLeavesWhatWasFinished) {
  const std::string module = assembled(closing(2000000000));
  options_.kill_signal = SIGKILL;
  options_.kill_after_s = 0.5;
  EXPECT_EQ(host("wasm3-sgperf", {module}, true).signal, SIGKILL);
  const Session session = this->session();
  EXPECT_GT(session.sums("wasm3::host_call").count, 1000u);
  EXPECT_EQ(session.sums("wasm3::call").count, 0u) << "was open";
  EXPECT_EQ(session.sums("wasm3::parse").count, 1u);
}

// ---- the patch and the build -------------------------------------------------------------------------------------

TEST(Wasm3Build, PatchHasOnlyLinesOfOurs) {
  std::istringstream in(read_file(source_dir() / "examples/wasm3/sgperf.patch"));
  size_t added = 0;
  for (std::string line; std::getline(in, line);) {
    const bool header = line.starts_with("--- a/") || line.starts_with("+++ b/");
    const bool hunk = line.starts_with("@@ ") && line.ends_with(" @@");
    const bool ours = line.starts_with("+"); // nothing is taken away, nothing of theirs stands around it
    EXPECT_TRUE(header || hunk || ours) << line;
    added += ours && !header;
  }
  EXPECT_GT(added, 10u);
}

TEST(Wasm3Build, OtherSourcesThanExpectedAreRefused) {
  TempDir cache, out;
  const fs::path sources = cache.path() / "sources/wasm3x-sys-0.2.1";
  fs::create_directories(sources);
  for (const char *name : {"m3_bind.c", "m3_compile.c", "m3_env.c", "m3_exec.h", "m3_parse.c"})
    write_file(sources / name, "int changed;\n");
  const Result result = build_example("wasm3", out.path(), {"SGPERF_CACHE=" + cache.path().string()});
  EXPECT_EQ(result.exit_code, 5) << result.err;
  EXPECT_NE(result.err.find("files.sha256"), std::string::npos) << result.err;
  for (const auto &entry : fs::directory_iterator(out.path()))
    EXPECT_EQ(entry.path().filename(), ".lock") << "half a result: " << entry.path();
}

TEST(Wasm3Build, WithoutAnArgumentIsUsage) {
  const Result result = run({"/bin/sh", build_script("wasm3")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("expected one argument"), std::string::npos) << result.err;
}

} // namespace
} // namespace sgperf::test
