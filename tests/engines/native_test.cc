// SPDX-License-Identifier: Apache-2.0
// The native adapter: objects in the worker, programs as children.
#include "engine_run.h"

#include <gtest/gtest.h>

#include <csignal>

namespace sgperf::test {
namespace {

Options environment(const char *entry) {
  Options options;
  options.env = {entry};
  return options;
}

class Native : public testing::Test {
protected:
  void SetUp() override {
    std::filesystem::create_directories(folder / "guest");
    std::filesystem::create_directories(folder / "work");
    write_file(folder / "guest/input.txt", "from the file\n");
  }
  Events steps(std::vector<std::string> words, Options options = {}) {
    std::vector<std::string> all = {"work=" + path("work"), "dir=" + path("guest"), "stdout=" + path("out"),
                                    "stderr=" + path("err")};
    all.insert(all.end(), words.begin(), words.end());
    return drive(plugin("native"), all, options);
  }
  std::string path(const std::string &name) const { return (folder / name).string(); }
  std::string object() const { return guest("native_guest.so").string(); }

  TempDir folder_;
  std::filesystem::path folder = folder_.path();
};

TEST_F(Native, ObjectsWithPlainHooksRunUnchanged) {
  Events events = steps({"create", "describe", "compile:" + object(), "module", "instantiate", "execute",
                         "free_instance", "free_module", "free"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(events.order(), "begin:instantiate end:instantiate begin:call hook:start hook:end end:call");
  EXPECT_EQ(read_file(folder / "out"), "native run 1\nfrom the file\n");
  EXPECT_EQ(read_file(folder / "err"), "native stderr\n");
  EXPECT_NE(events.after("sizes ").substr(0, 2), "0 ");
}

TEST_F(Native, EachInstanceStartsFresh) {
  Events events = steps({"create", "compile:" + object(), "instantiate", "execute", "free_instance", "instantiate",
                         "execute", "instantiate", "execute"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(read_file(folder / "out"), "native run 1\nfrom the file\n"); // the third: the second was still there
}

TEST_F(Native, TheObjectBesideAModuleIsTaken) {
  std::filesystem::copy_file(guest("guest.wasm"), folder / "pair.wasm");
  std::filesystem::copy_file(object(), folder / "pair.so");
  Events events = steps({"create", "compile:" + path("pair.wasm"), "instantiate", "invoke:add:i2,i40",
                         "invoke:mix:i1,I20000000000,f0.5,F0.25", "invoke:twice:f1.5", "invoke:big:I4294967297"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(events.results(), (std::vector<std::string>{"i42", "F2e+10", "f3", "I4503599628419072"})) << events.all();
}

TEST_F(Native, AModuleWithoutAnObjectIsNamed) {
  std::filesystem::copy_file(guest("guest.wasm"), folder / "alone.wasm");
  Events events = steps({"create", "compile:" + path("alone.wasm")});
  EXPECT_TRUE(events.has("step compile not-found")) << events.all();
  EXPECT_NE(events.after("log0 ").find("alone.so"), std::string::npos);
}

TEST_F(Native, ReturnCodesAreExitCodes) {
  Events events = steps({"create", "compile:" + object(), "instantiate", "execute"}, environment("NATIVE_CODE=9"));
  EXPECT_TRUE(events.has("step execute exit")) << events.all();
  EXPECT_EQ(events.after("code "), "9");
}

TEST_F(Native, ACrashIsTheWorkersOwn) {
  Events events = steps({"create", "compile:" + object(), "instantiate", "execute"}, environment("NATIVE_CODE=99"));
  EXPECT_EQ(events.process.signal, SIGABRT) << events.all();
  EXPECT_TRUE(events.has("hook end"));
}

TEST_F(Native, WhatIsNoObjectIsRefused) {
  write_file(folder / "text.so", "hello");
  Events events = steps({"create", "compile:" + path("text.so")});
  EXPECT_TRUE(events.has("step compile invalid")) << events.all();
}

TEST_F(Native, ProgramsRunAsChildrenWithTheirMarks) {
  std::string program = guest("native_program").string();
  for (bool as_tier : {true, false}) {
    std::vector<std::string> words = {"create", "describe",
                                      "compile:" + (as_tier ? guest("guest.wasm").string() : program), "instantiate",
                                      "execute"};
    if (as_tier) words.insert(words.begin(), "tier=" + program);
    Events events = steps(words);
    EXPECT_EQ(events.process.exit_code, 0) << events.all();
    EXPECT_EQ(events.order(), "begin:call end:call") << events.all();
    unsigned long long ns = 0;
    ASSERT_EQ(std::sscanf(events.after("at ").c_str(), "execute %llu", &ns), 1) << events.all();
    EXPECT_GE(ns, 19900000u); // the program sleeps 20 ms between its marks
    EXPECT_LT(ns, 2000000000u);
    EXPECT_EQ(read_file(folder / "out"), "program with 1 arguments\n");
  }
}

TEST_F(Native, ProgramsThatFailSaySo) {
  std::string program = guest("native_program").string();
  Events left = steps({"arg=prog", "arg=5", "create", "compile:" + program, "instantiate", "execute"});
  EXPECT_TRUE(left.has("step execute exit")) << left.all();
  EXPECT_EQ(left.after("code "), "5");
  Events died = steps({"arg=prog", "arg=77", "create", "compile:" + program, "instantiate", "execute"});
  EXPECT_TRUE(died.has("step execute trap")) << died.all();
  EXPECT_NE(died.after("log0 ").find("signal 6"), std::string::npos) << died.all();
  EXPECT_NE(died.after("log1 ").find("SGPERF_BENCH_END"), std::string::npos) << died.all(); // the open region is kept
  EXPECT_NE(died.after("at "), "(none)");
}

TEST_F(Native, AHostWithoutExplicitTimesIsTold) {
  Events events =
      steps({"old_config=1", "create", "compile:" + guest("native_program").string(), "instantiate", "execute"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_NE(events.after("log1 ").find("region_at"), std::string::npos) << events.all();
}

} // namespace
} // namespace sgperf::test
