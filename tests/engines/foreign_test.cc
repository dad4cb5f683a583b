// SPDX-License-Identifier: Apache-2.0
// Sightglass's two forms as engines of ours, and ours as engines of Sightglass.
#include "engine_run.h"

#include <gtest/gtest.h>

#include <unistd.h>

namespace sgperf::test {
namespace {

std::string module_of(size_t size) {
  return std::string("\0asm\1\0\0\0", 8) + std::string(size - 8, '\0');
}

class Foreign : public testing::Test {
protected:
  Events steps(const std::string &library, std::vector<std::string> words, Options options = {}) {
    std::vector<std::string> all = {"dir=" + folder.path().string(), "stdout=" + path("out"), "stderr=" + path("err")};
    all.insert(all.end(), words.begin(), words.end());
    return drive(guest(library), all, options);
  }
  std::string path(const std::string &name) const { return (folder.path() / name).string(); }
  TempDir folder;
};

TEST_F(Foreign, FirstForm) {
  write_file(path("m"), module_of(20));
  Events events =
      steps("libfirst_form.so", {"create", "describe", "compile:" + path("m"), "instantiate", "execute",
                                 "free_instance", "instantiate", "execute", "free_instance", "free_module", "free"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(events.lines[0], "loaded engine-0 first_form default");
  EXPECT_EQ(events.order(),
            "begin:compile end:compile begin:instantiate end:instantiate begin:call hook:start hook:end end:call "
            "begin:instantiate end:instantiate begin:call hook:start hook:end end:call");
  EXPECT_EQ(read_file(path("out")), "first form ran 20 bytes\n"); // of the second instance
}

TEST_F(Foreign, FirstFormFailures) {
  for (auto [size, step] : {std::pair<size_t, const char *>{9, "compile"}, {10, "instantiate"}, {11, "execute"}}) {
    write_file(path("m"), module_of(size));
    Events events = steps("libfirst_form.so", {"create", "compile:" + path("m"), "instantiate", "execute"});
    EXPECT_TRUE(events.has(std::string("step ") + step + " error")) << events.all();
  }
  Events flags = steps("libfirst_form.so", {"flags=-O3", "create"});
  EXPECT_TRUE(flags.has("step create flags")) << flags.all();
}

TEST_F(Foreign, CurrentForm) {
  write_file(path("m"), module_of(20));
  Events events = steps("libcurrent_form.so", {"flags=-O opt-level=2", "env=WASM_BENCH_USE_SMALL_WORKLOAD=1", "create",
                                               "compile:" + path("m"), "instantiate", "execute", "free_instance",
                                               "compile:" + path("m"), "instantiate", "execute", "free"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(events.lines[0], "loaded wasm_bench-5 current_form default");
  EXPECT_EQ(events.order(),
            "begin:compile end:compile begin:instantiate end:instantiate begin:call hook:start hook:end end:call "
            "begin:compile end:compile begin:instantiate end:instantiate begin:call hook:start hook:end end:call");
  EXPECT_EQ(read_file(path("out")),
            "current form ran 20 bytes in " + folder.path().string() + " with '-O opt-level=2' small 1\n");
}

TEST_F(Foreign, CurrentFormFailures) {
  write_file(path("m"), module_of(9));
  Events events = steps("libcurrent_form.so", {"create", "compile:" + path("m")});
  EXPECT_TRUE(events.has("step compile error")) << events.all();
  EXPECT_FALSE(events.has("end compile"));
  Events refused = steps("libcurrent_form.so", {"flags=refuse", "create"});
  EXPECT_TRUE(refused.has("step create error")) << refused.all();
  write_file(path("m"), module_of(20));
  Events unsupported = steps("libcurrent_form.so", {"create", "compile:" + path("m"), "?serialize:" + path("a"),
                                                    "?deserialize:" + path("a"), "instantiate", "?invoke:add"});
  EXPECT_TRUE(unsupported.has("step serialize unsupported")) << unsupported.all();
  EXPECT_TRUE(unsupported.has("step deserialize unsupported"));
  EXPECT_TRUE(unsupported.has("step invoke unsupported"));
}

TEST_F(Foreign, TheGuessCanBeOverridden) {
  Events guessed = drive(plugin("wabt"), {"work=" + folder.path().string(), "create"});
  EXPECT_EQ(guessed.lines[0], "loaded sgperf-1 wabt interp");
  // Our own adapter, driven through its Sightglass face: both directions meet.
  Events forced =
      drive(plugin("wabt"), {"abi=wasm_bench-5", "dir=" + folder.path().string(), "stdout=" + path("out"), "create",
                             "compile:" + guest("guest.wasm").string(), "instantiate", "execute", "free"});
  EXPECT_EQ(forced.process.exit_code, 0) << forced.all();
  EXPECT_EQ(forced.lines[0], "loaded wasm_bench-5 sgperf-engine-wabt default");
  EXPECT_EQ(forced.order(),
            "begin:compile end:compile begin:instantiate end:instantiate begin:call hook:start hook:end end:call");
  EXPECT_EQ(read_file(path("out")), "hello from nobody no colour\n");
  Events wrong = drive(plugin("wabt"), {"abi=engine-0", "create"});
  EXPECT_NE(wrong.after("refused ").find("engine_create is not exported"), std::string::npos) << wrong.all();
}

TEST_F(Foreign, WhatIsNoEngineIsRefused) {
  Events object = drive(guest("libwasmtime_49.so"), {"create"});
  EXPECT_NE(object.after("refused ").find("sgperf_engine_v1, wasm_bench_create, engine_create"), std::string::npos)
      << object.all();
  write_file(path("text.so"), "no object");
  Events text = drive(path("text.so"), {"create"});
  EXPECT_NE(text.after("refused ").find("cannot load"), std::string::npos) << text.all();
  Events absent = drive(path("absent.so"), {"create"});
  EXPECT_NE(absent.after("refused ").find("cannot load"), std::string::npos) << absent.all();
}

// ---- a host of Sightglass's ABI loads ours

class Sightglass : public testing::TestWithParam<std::string> {};

TEST_P(Sightglass, LoadsOurAdapters) {
  if (std::string why = cannot_run(GetParam()); !why.empty()) GTEST_SKIP() << why;
  bool native = GetParam() == "native";
  TempDir folder;
  std::string out = (folder.path() / "out").string();
  write_file(folder.path() / "bad", "no module");
  if (native) std::filesystem::copy_file(guest("native_guest.so"), folder.path() / "benchmark.so");
  // As bytes, Sightglass's native engine ignores what it is given.
  std::vector<std::string> argv = {
      guest("sightglass-host").string(), plugin(GetParam()).string(), guest("guest.wasm").string(),
      (folder.path() / "bad").string(),  folder.path().string(),      out,
      (folder.path() / "err").string()};
  if (GetParam() == "wasm2c") argv.push_back("-O1");
  Options options;
  options.in_child = [] { dup2(1, 3); };
  Result result = run(argv, options);
  std::string expected_bad = native ? "c+\nc-\ncompile broken 0\n" : "compile broken -1\n";
  EXPECT_EQ(result.out, "create with bad flags -1 untouched 1\n"
                        "create 0\n"
                        "instantiate early -1\n" +
                            expected_bad +
                            "c+\nc-\ncompile 0\n"
                            "c+\nc-\ncompile again 0\n"
                            "i+\ni-\ninstantiate 0\n"
                            "i+\ni-\ninstantiate again 0\n"
                            "e+\ne-\nexecute 0\n"
                            "execute consumed -1\n"
                            "i+\ni-\ninstantiate third 0\n"
                            "e+\ne-\nexecute 0\n"
                            "done\n")
      << result.err;
  EXPECT_EQ(read_file(out), native ? "native run 1\n" : "hello from nobody no colour\n"); // of the last instance alone
}

INSTANTIATE_TEST_SUITE_P(Engines, Sightglass,
                         testing::Values("wasmtime", "wabt", "wasm2c", "native", "spidermonkey", "jsc"),
                         [](const auto &info) { return info.param; });

} // namespace
} // namespace sgperf::test
