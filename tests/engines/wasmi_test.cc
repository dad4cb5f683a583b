// SPDX-License-Identifier: Apache-2.0
// What only the Wasmi adapter has: when functions are translated, features, versions.
#include "engine_run.h"

#include <gtest/gtest.h>

#include <fstream>

namespace sgperf::test {
namespace {

class Wasmi : public testing::Test {
protected:
  void SetUp() override {
    if (std::string why = cannot_run("wasmi"); !why.empty()) GTEST_SKIP() << why;
  }
  Events steps(std::vector<std::string> words) {
    words.insert(words.begin(), "work=" + folder_.path().string());
    return drive(plugin("wasmi"), words);
  }
  TempDir folder_;
};

TEST_F(Wasmi, TranslatesLazilyUnlessItMustNot) {
  const std::string compile = "compile:" + guest("guest.wasm").string();
  EXPECT_TRUE(steps({"create", compile, "module"}).has("lazy 1"));
  EXPECT_TRUE(steps({"eager=1", "create", compile, "module"}).has("lazy 0"));
  EXPECT_TRUE(steps({"flags=mode=eager", "create", compile, "module"}).has("lazy 0"));
  EXPECT_TRUE(steps({"flags=mode=lazy", "create", compile, "module"}).has("lazy 1"));
  EXPECT_TRUE(steps({"eager=1", "flags=mode=lazy", "create"}).has("step create flags"));
  EXPECT_NE(steps({"eager=1", "create", "describe"}).after("info ").find("translation eager"), std::string::npos);
}

// The mode is in force: only the laziest one takes a module with an invalid body, until the function is called.
TEST_F(Wasmi, TheLaziestModeValidatesAtTheFirstCall) {
  const std::string compile = "?compile:" + guest("invalid.wasm").string();
  EXPECT_TRUE(steps({"create", compile}).has("step compile invalid"));
  EXPECT_TRUE(steps({"eager=1", "create", compile}).has("step compile invalid"));
  EXPECT_TRUE(steps({"flags=mode=lazy", "create", compile}).has("step compile ok"));
}

TEST_F(Wasmi, FeaturesAreTurnedOff) {
  // (module (func (param i32) (result i32) local.get 0 i32.extend8_s))
  const std::string file = (folder_.path() / "extend.wasm").string();
  write_file(file, std::string("\0asm\1\0\0\0\1\6\1\x60\1\x7f\1\x7f\3\2\1\0\x0a\7\1\5\0\x20\0\xc0\x0b", 29));
  EXPECT_TRUE(steps({"create", "compile:" + file}).has("step compile ok"));
  Events off = steps({"flags=-W sign-extension=n,simd", "create"});
  EXPECT_TRUE(off.has("step create flags")) << off.all(); // simd is no switch of Wasmi's C API
  off = steps({"flags=-W sign-extension=n -Wbulk-memory=n,custom-sections=n", "create", "?compile:" + file});
  EXPECT_TRUE(off.has("step compile invalid")) << off.all();
  for (const char *flags : {"-W", "-W sign-extension=perhaps", "mode=fast", "sign-extension=n", "--eager"}) {
    Events refused = steps({std::string("flags=") + flags, "create"});
    EXPECT_TRUE(refused.has("step create flags")) << refused.all();
    EXPECT_NE(refused.after("log0 ").find("mode=eager|lazy-translation|lazy"), std::string::npos) << flags;
  }
}

TEST_F(Wasmi, ItsVersionIsReadFromTheLibrary) {
  EXPECT_EQ(steps({"create", "describe"}).after("info ").substr(0, 6), "2.0.0|");
}

TEST_F(Wasmi, DeepRecursionIsATrapWithAName) {
  Events events = steps({"create", "compile:" + guest("traps.wasm").string(), "instantiate", "?invoke:deep"});
  EXPECT_NE(events.after("log0 ").find("call stack exhausted"), std::string::npos) << events.all();
}

TEST(WasmiLibrary, OthersAreRefused) {
  TempDir folder;
  Events other = drive(plugin("wasmi"),
                       {"work=" + folder.path().string(), "lib=" + guest("libodd_wasm_c_api.so").string(), "create"});
  EXPECT_TRUE(other.has("step create version-refused")) << other.all();
  EXPECT_NE(other.after("log0 ").find("expected the C API of Wasmi 2"), std::string::npos) << other.all();
}

TEST(WasmiLibrary, WithoutItTheCommandThatGetsItIsNamed) {
  TempDir folder;
  Options options;
  options.env = {"SGPERF_CACHE=" + folder.path().string()};
  Events events = drive(plugin("wasmi"), {"work=" + folder.path().string(), "create"}, options);
  EXPECT_TRUE(events.has("step create not-found")) << events.all();
  EXPECT_NE(events.after("log0 ").find("`sgperf engines install wasmi`"), std::string::npos) << events.all();
}

} // namespace
} // namespace sgperf::test
