// SPDX-License-Identifier: Apache-2.0
// What only the wasm3 adapter has: lazy and eager translation, late validation, recognising its library.
#include "engine_run.h"

#include <gtest/gtest.h>

namespace sgperf::test {
namespace {

class Wasm3 : public testing::Test {
protected:
  void SetUp() override {
    if (std::string why = cannot_run("wasm3"); !why.empty()) GTEST_SKIP() << why;
  }
  Events steps(std::vector<std::string> words) {
    words.insert(words.begin(), "work=" + folder_.path().string());
    return drive(plugin("wasm3"), words);
  }
  static unsigned long code_size(const Events &events, size_t which) {
    std::vector<unsigned long> sizes;
    for (const std::string &line : events.lines)
      if (line.starts_with("sizes ")) sizes.push_back(std::strtoul(&line[6], nullptr, 10));
    return which < sizes.size() ? sizes[which] : 0;
  }
  TempDir folder_;
};

TEST_F(Wasm3, FunctionsAreTranslatedAtTheirFirstCallUnlessEager) {
  std::vector<std::string> words = {
      "create", "compile:" + guest("guest.wasm").string(), "module", "instantiate", "execute", "module"};
  Events lazy = steps(words);
  words.insert(words.begin(), "eager=1");
  Events eager = steps(words);
  ASSERT_EQ(lazy.process.exit_code, 0) << lazy.all();
  ASSERT_EQ(eager.process.exit_code, 0) << eager.all();
  EXPECT_EQ(lazy.after("lazy "), "1");
  EXPECT_EQ(eager.after("lazy "), "0");
  EXPECT_EQ(code_size(lazy, 0), 0u);
  EXPECT_GT(code_size(lazy, 1), 1000u);
  EXPECT_GT(code_size(eager, 0), code_size(lazy, 1)) << "eager translates what is never called as well";
  EXPECT_EQ(code_size(eager, 1), code_size(eager, 0)) << "something was left to be translated at its first call";
  EXPECT_EQ(eager.order(), lazy.order());
}

TEST_F(Wasm3, EagerInstancesBeyondTheFirstAreFreshAndTranslatedToo) {
  std::string out = (folder_.path() / "out").string();
  Events events = steps({"eager=1", "stdout=" + out, "arg=prog", "arg=hello", "create",
                         "compile:" + guest("guest.wasm").string(), "instantiate", "execute", "free_instance",
                         "instantiate", "execute", "invoke:add:i1,i2", "free_instance", "free_module", "free"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(read_file(out), "hello from prog no colour\n");
  EXPECT_EQ(events.after("result "), "i3");
}

TEST_F(Wasm3, BodiesAreValidatedWhenTheyAreTranslated) {
  Events eager = steps({"eager=1", "create", "?compile:" + guest("invalid.wasm").string()});
  EXPECT_TRUE(eager.has("step compile invalid")) << eager.all();
  EXPECT_FALSE(eager.has("end compile"));
  Events lazy = steps({"create", "compile:" + guest("invalid.wasm").string(), "instantiate", "?execute"});
  EXPECT_TRUE(lazy.has("step execute invalid")) << lazy.all();
  EXPECT_FALSE(lazy.has("end call"));
}

TEST_F(Wasm3, EagerRefusesUnknownImportsWithTheModule) {
  Events events = steps({"eager=1", "create", "?compile:" + guest("unknown_import.wasm").string()});
  EXPECT_TRUE(events.has("step compile import")) << events.all();
  EXPECT_NE(events.after("log0 ").find("env.nothing"), std::string::npos);
}

TEST_F(Wasm3, OtherLibrariesAreRefused) {
  Events other = steps({"lib=" + guest("native_guest.so").string(), "?create"});
  EXPECT_TRUE(other.has("step create version-refused") || other.has("step create not-found")) << other.all();
  Events wrong = steps({"lib=" + guest("libwasm3_other.so").string(), "?create"});
  EXPECT_TRUE(wrong.has("step create version-refused")) << wrong.all();
  EXPECT_NE(wrong.after("log0 ").find("expected wasm3 0.9.0, found 0.5.0"), std::string::npos) << wrong.all();
  Events absent = steps({"lib=/nowhere/libwasm3.so", "?create"});
  EXPECT_TRUE(absent.has("step create not-found")) << absent.all();
}

} // namespace
} // namespace sgperf::test
