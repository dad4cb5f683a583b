// SPDX-License-Identifier: Apache-2.0
// Wrappers around the C APIs of engines: phases, calls and the bytes of modules of a host that is linked with one; and
// nothing at all for everybody else.
#include <sys/resource.h>

#include <algorithm>
#include <map>

#include "engines/engine_run.h"
#include "libsgperf/fixture.h"

namespace fs = std::filesystem;

namespace sgperf::test {
namespace {

class EngineCalls : public Libsgperf {
protected:
  static std::string own(const std::string &name) { return build_dir() / "tests/preload" / name; }
  enum Session { none, preloaded, nowhere };
  Result run_here(const std::vector<std::string> &argv, enum Session session = preloaded,
                  std::vector<std::string> environment = {}) {
    Options options = options_;
    if (session != none) options.env.push_back("LD_PRELOAD=" + library());
    if (session == nowhere) options.env.push_back("SGPERF_DIR=/proc/no-such-folder");
    for (std::string &entry : environment) options.env.push_back(std::move(entry));
    return run(argv, options);
  }
  Result host(const std::vector<std::string> &words) {
    std::vector<std::string> argv{own("engine_host")};
    argv.insert(argv.end(), words.begin(), words.end());
    const Result result = run_here(argv);
    EXPECT_EQ(result.err, "");
    return result;
  }
  std::vector<std::string> modules() const {
    std::vector<std::string> out;
    for (const auto &entry : fs::directory_iterator(dir()))
      if (entry.path().filename().string().starts_with("module-")) out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
  }
};

std::map<std::string, size_t> counts(const Session &session) {
  std::map<std::string, size_t> out;
  for (const auto &phase : session.phases) {
    ++out[session.phase_name(phase)];
    EXPECT_EQ(phase.ready, 2u) << session.phase_name(phase) << " has not ended";
    EXPECT_GE(phase.t1, phase.t0);
  }
  return out;
}
using Counts = std::map<std::string, size_t>;

class RealEngine : public EngineCalls, public testing::WithParamInterface<const char *> {};

TEST_P(RealEngine, PhasesCallsAndTheModule) {
  if (!fs::exists(fetched_wasmtime() / "_libwasmtime.so")) GTEST_SKIP() << cannot_run("wasmtime");
  const std::string api = GetParam(), path = "LD_LIBRARY_PATH=" + fetched_wasmtime().string();
  const std::vector<std::string> argv{own("linked_host"), api, "7"};
  const Result plain = run_here(argv, none, {path}), off = run_here(argv, nowhere, {path});
  ASSERT_EQ(plain.out, "sum 42\n") << plain.err;
  EXPECT_TRUE(fs::is_empty(dir()));
  const Result live = run_here(argv, preloaded, {path});
  for (const Result &result : {off, live}) {
    EXPECT_EQ(result.exit_code, 42) << result.err;
    EXPECT_EQ(result.out + result.err, plain.out + plain.err);
  }
  const auto session = this->session();
  const Counts expected{{"parse", 1},       {"compile", 1},     {"serialize", 1},
                        {"deserialize", 1}, {"instantiate", 1}, {"execute", 7}};
  EXPECT_EQ(counts(session), expected) << "and none of the coarse ones";
  uint64_t last = 0;
  for (const auto &phase : session.phases) {
    EXPECT_GE(phase.t0, last) << session.phase_name(phase) << " is inside the one before";
    EXPECT_EQ(phase.kind, 0u);
    last = phase.t1;
  }
  EXPECT_GT(session.ns(session.phases_named("compile")[0].t1 - session.phases_named("compile")[0].t0), 10e3);
  const std::string site = api == "wasm" ? "wasm::func_call" : "wasmtime::func_call_unchecked";
  EXPECT_EQ(session.sums(site).count, 7u);
  ASSERT_EQ(modules().size(), 1u);
  const std::string name = fs::path(modules()[0]).filename(), bytes = read_file(modules()[0]);
  EXPECT_EQ(name, "module-" + session.key() + "-0.wasm");
  EXPECT_EQ(fs::status(modules()[0]).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(bytes.substr(0, 8), std::string("\0asm\1\0\0\0", 8));
  EXPECT_TRUE(bytes.ends_with("add_three")) << "the last byte too";
  EXPECT_FALSE(code_files(dir()).empty()) << "images are still taken";
}
INSTANTIATE_TEST_SUITE_P(Wasmtime, RealEngine, testing::Values("wasm", "wasmtime"));

// A module with the marks of a benchmark in a host that has them not: they are supplied, and seen.  A host that has
// them keeps its own.
TEST_F(EngineCalls, MarksInALinkerWithoutThem) {
  if (!fs::exists(fetched_wasmtime() / "_libwasmtime.so")) GTEST_SKIP() << cannot_run("wasmtime");
  const TempDir made;
  write_file(made.path() / "m.wat",
             "(module (import \"bench\" \"start\" (func $start)) (import \"bench\" \"end\" (func $end))\n"
             "  (func (export \"run\") (param i32) (result i32) (call $start) (call $end) (local.get 0)))");
  const std::string wasm = made.path() / "m.wasm";
  ASSERT_EQ(run({"wat2wasm", (made.path() / "m.wat").string(), "-o", wasm}).exit_code, 0);
  const std::vector<std::string> env{"LD_LIBRARY_PATH=" + fetched_wasmtime().string(), "LINKED_HOST_MODULE=" + wasm};
  EXPECT_EQ(run_here({own("linked_host"), "marks", "3"}, none, env).exit_code, 5) << "nobody supplies them";
  const Result live = run_here({own("linked_host"), "marks", "3"}, preloaded, env);
  EXPECT_EQ(live.out, "sum 0\n") << live.err;
  {
    const auto session = this->session();
    size_t marks = 0;
    for (const auto &phase : session.phases) marks += phase.kind == 1 && phase.ready == 2;
    EXPECT_EQ(marks, 3u);
  }
  for (const auto &entry : fs::directory_iterator(dir())) fs::remove(entry.path());
  const Result own_ones = run_here({own("linked_host"), "own", "3"}, preloaded, env);
  EXPECT_EQ(own_ones.out, "sum 6\n") << own_ones.err;
  for (const auto &phase : session().phases) EXPECT_NE(phase.kind, 1u);
}

// Interpreters, from the sources of a crate: built as shared libraries, with a host each.
struct Built {
  const char *engine;
  Counts phases; // of 7 calls
  Counts calls;
};
class BuiltEngine : public EngineCalls, public testing::WithParamInterface<Built> {};

TEST_P(BuiltEngine, PhasesCallsAndTheModule) {
  const Built &built = GetParam();
  const TempDir out;
  Options options;
  options.timeout_s = 300;
  const Result build =
      run({"/bin/sh", source_dir() / "tests/preload/engines/build.sh", built.engine, out.path().string()}, options);
  if (build.exit_code == 3 || build.exit_code == 4) GTEST_SKIP() << build.err;
  ASSERT_EQ(build.exit_code, 0) << build.err;
  const std::vector<std::string> argv{out.path() / "host", "7"};
  for (const auto session : {none, nowhere, preloaded}) {
    const Result result = run_here(argv, session);
    EXPECT_EQ(result.exit_code, 42) << result.err;
    EXPECT_EQ(result.out + result.err, "sum 42\n");
  }
  const auto session = this->session();
  EXPECT_EQ(counts(session), built.phases);
  for (const auto &[name, calls] : built.calls) EXPECT_EQ(session.sums(name).count, calls) << name;
  ASSERT_EQ(modules().size(), 1u);
  EXPECT_TRUE(read_file(modules()[0]).ends_with("add_three"));
}
INSTANTIATE_TEST_SUITE_P(Engines, BuiltEngine,
                         testing::Values(Built{"wasm3",
                                               {{"parse", 1}, {"instantiate", 1}, {"compile", 2}, {"execute", 7}},
                                               {{"wasm3::call", 3}, {"wasm3::call_vl", 2}, {"wasm3::call_argv", 2}}},
                                         Built{"wamr",
                                               {{"compile", 1}, {"instantiate", 1}, {"execute", 7}},
                                               {{"wamr::call_wasm", 7}, {"wamr::call_wasm_a", 4}}}),
                         [](const auto &info) { return std::string(info.param.engine); });

// ---- with an engine that does nothing ----

TEST_F(EngineCalls, TheFirstCallsArePhasesOfTheirOwnThenOneForMany) {
  EXPECT_EQ(host({"calls", "300"}).out, "done 600\n");
  const auto session = this->session();
  // 256 alone; 44 up to the module; 300 up to the end.
  EXPECT_EQ(counts(session), (Counts{{"execute", 258}, {"compile", 1}}));
  const Sums sums = session.sums("wasm::func_call");
  EXPECT_EQ(sums.count, 600u);
  const auto executes = session.phases_named("execute");
  const auto compile = session.phases_named("compile")[0];
  EXPECT_LE(executes[256].t1, compile.t0);
  EXPECT_GE(executes[257].t0, compile.t1);
  uint64_t inside = 0;
  for (const auto &phase : executes) inside += phase.t1 - phase.t0;
  EXPECT_GE(inside, sums.total) << "all calls are inside";
  EXPECT_EQ(session.header.dropped.phases, 0u);
}

TEST_F(EngineCalls, CallsInsideCallsAndModulesInsideCalls) {
  EXPECT_EQ(host({"nested"}).out, "done 3\n");
  const auto session = this->session();
  EXPECT_EQ(counts(session), (Counts{{"execute", 1}, {"compile", 1}}));
  EXPECT_EQ(session.sums("wasm::func_call").count, 3u);
  const auto execute = session.phases_named("execute")[0], compile = session.phases_named("compile")[0];
  EXPECT_LE(execute.t0, compile.t0);
  EXPECT_GE(execute.t1, compile.t1);
  EXPECT_EQ(compile.parent, 1u);
}

TEST_F(EngineCalls, CallsThatAreLeftByAJump) {
  EXPECT_EQ(host({"jumps", "5"}).out, "done 6\n");
  const auto session = this->session();
  EXPECT_EQ(session.phases_named("execute").size(), 6u) << "none is taken for a part of one that was left";
  EXPECT_EQ(session.phases_named("compile").size(), 1u);
  for (const auto &phase : session.phases) EXPECT_NE(phase.ready, 1u) << session.phase_name(phase);
}

TEST_F(EngineCalls, ManyThreads) {
  EXPECT_EQ(host({"threads", "100000"}).out, "done 800000\n");
  const auto session = this->session();
  const auto executes = counts(session)["execute"];
  EXPECT_GE(executes, 257u);
  EXPECT_LE(executes, 256u + 8u);
  EXPECT_EQ(session.sums("wasm::func_call").count, 800000u);
  EXPECT_EQ(session.header.dropped.phases, 0u);
}

TEST_F(EngineCalls, ACallThatEndsTheProgram) {
  for (const char *calls : {"1", "300"}) {
    EXPECT_EQ(host({"exits", calls}).exit_code, 3);
    const auto session = this->session();
    const auto executes = session.phases_named("execute");
    ASSERT_FALSE(executes.empty());
    // One phase of many ends with the program; a call of its own is left open, as a scope is.
    EXPECT_EQ(executes.back().ready, std::string(calls) == "1" ? 1u : 2u);
    fs::remove(session.path);
  }
}

TEST_F(EngineCalls, OneModuleIsKeptOnce) {
  EXPECT_EQ(host({"same", "1000"}).exit_code, 0);
  ASSERT_EQ(modules().size(), 2u);
  EXPECT_EQ(read_file(modules()[0]).size(), 12u);
  EXPECT_EQ(read_file(modules()[0]).back(), 1);
  EXPECT_EQ(read_file(modules()[1]).back(), 2);
  EXPECT_EQ(session().header.dropped.jit, 0u);
}

TEST_F(EngineCalls, AProgramThatSaysItsPhases) {
  EXPECT_EQ(host({"own"}).exit_code, 0);
  const auto session = this->session();
  ASSERT_EQ(session.phases.size(), 1u);
  EXPECT_EQ(session.phases[0].cookie, 1u);
  EXPECT_EQ(session.sums("wasm::func_call").count, 1u);
}

// Code was published before, by an engine that was not called through its C API: then one is.
TEST_F(EngineCalls, CoarserPhasesGiveWay) {
  EXPECT_EQ(run_here({own("frames")}).exit_code, 0);
  EXPECT_EQ(session().phases.size(), 3u) << "start-up, instantiate+execute, teardown";
  fs::remove(session().path);
  EXPECT_EQ(run_here({own("frames"), "engine", own("libengine-plugin-one.so")}).exit_code, 0);
  const auto session = this->session();
  EXPECT_EQ(counts(session), (Counts{{"start-up+deserialize", 1}, {"instantiate+execute", 1}, {"compile", 1}}));
  EXPECT_LE(session.phases_named("instantiate+execute")[0].t1, session.phases_named("compile")[0].t0);
}

TEST_F(EngineCalls, TheChildOfAFork) {
  EXPECT_EQ(host({"fork"}).exit_code, 0);
  EXPECT_EQ(counts(session()), (Counts{{"execute", 2}, {"compile", 1}}));
  EXPECT_EQ(modules().size(), 1u) << "the child is not measured";
  fs::remove(session().path);
  const Result followed = run_here({own("engine_host"), "fork"}, preloaded, {"SGPERF_FORK=follow"});
  EXPECT_EQ(followed.exit_code, 0) << followed.err;
  const auto files = session_files(dir());
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(counts(read_session(files[0])), (Counts{{"execute", 2}, {"compile", 1}}));
  EXPECT_EQ(counts(read_session(files[1])), (Counts{{"execute", 1}, {"compile", 1}}));
}

// No registry has WasmEdge's library: what is hard to hand on, structs and many words, to functions that look at it.
TEST_F(EngineCalls, StructsAndManyWords) {
  for (const auto session : {none, nowhere, preloaded})
    EXPECT_EQ(run_here({own("wasmedge_host")}, session).out, "1 63 63 63 63\n");
  EXPECT_EQ(counts(session()), (Counts{{"parse", 1}, {"parse+instantiate+execute", 2}, {"execute", 1}}));
  EXPECT_EQ(modules().size(), 1u);
}

TEST_F(EngineCalls, AFileSizeLimit) {
  Options options = options_;
  options.env.push_back("LD_PRELOAD=" + library());
  options.in_child = [] {
    const rlimit limit{4, 4};
    setrlimit(RLIMIT_FSIZE, &limit);
  };
  const Result result = run({own("engine_host"), "same", "3"}, options);
  EXPECT_EQ(result.exit_code, 0) << result.signal << result.err;
  EXPECT_TRUE(modules().empty());
}

// ---- never in the way ----

TEST_F(EngineCalls, EachCallerReachesItsOwnEngine) {
  const std::string one = own("libengine-plugin-one.so"), two = own("libengine-plugin-two.so");
  for (const auto session : {none, preloaded, nowhere}) {
    const Result result = run_here({own("engine_finds"), "local", one, two}, session);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, "11 22 11 22 22 11 11\n");
  }
  EXPECT_EQ(session().phases_named("compile").size(), 7u);
}

TEST_F(EngineCalls, ACallThatIsTheLastOfItsFunction) {
  for (const auto session : {none, preloaded, nowhere}) {
    const Result result = run_here({own("engine_finds"), "last", own("libengine-plugin-two.so")}, session);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, "2\n");
  }
}

TEST_F(EngineCalls, AnEngineThatComesLater) {
  const std::string engine = own("libfake-engine-two.so"), plugin = own("libengine-plugin-none.so");
  for (const auto session : {none, preloaded}) {
    const Result result = run_here({own("engine_finds"), "global", engine, plugin}, session);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, "22\n");
  }
}

TEST_F(EngineCalls, WithoutAnEngineThereIsNone) {
  for (const auto session : {none, preloaded})
    EXPECT_EQ(run_here({own("engine_finds"), "dlsym"}, session).out, "none\n") << "dlsym is not to be fooled";
  const std::vector<std::string> argv{own("engine_finds"), "missing", own("libengine-plugin-none.so")};
  const Result plain = run_here(argv, none), live = run_here(argv);
  EXPECT_EQ(plain.exit_code, 127) << "the loader's";
  EXPECT_EQ(live.exit_code, plain.exit_code);
  EXPECT_EQ(live.out, "before\n");
  EXPECT_EQ(live.err, plain.err) << "in the loader's words";
}

} // namespace
} // namespace sgperf::test
