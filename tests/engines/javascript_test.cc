// SPDX-License-Identifier: Apache-2.0
// What engines of JavaScript do in their own way, and their adapters must bring into shape.
#include "engine_run.h"

#include <gtest/gtest.h>

#include <regex>

namespace sgperf::test {
namespace {

struct Tier {
  std::string engine, tier;
};

class JavaScript : public testing::TestWithParam<Tier> {
protected:
  void SetUp() override {
    if (std::string why = cannot_run(GetParam().engine); !why.empty()) GTEST_SKIP() << why;
  }
  Events steps(const std::vector<std::string> &words) {
    std::vector<std::string> all = {"tier=" + GetParam().tier,
                                    "work=" + folder.path().string(),
                                    "stdout=" + out(),
                                    "create",
                                    "compile:" + guest("javascript.wasm").string(),
                                    "instantiate"};
    all.insert(all.end(), words.begin(), words.end());
    return drive(plugin(GetParam().engine), all);
  }
  std::string out() const { return (folder.path() / "out").string(); }
  TempDir folder;
};

TEST_P(JavaScript, HostFunctionsSeeMemoryThatGrew) {
  Events events = steps({"execute", "free_instance", "instantiate", "execute"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(read_file(out()), "before\nafter\n");
}

TEST_P(JavaScript, LongIntegersComeWholeAndResultsAreSeveral) {
  Events events = steps({"invoke:far", "invoke:several:I-9223372036854775807,F2.25"});
  // 28: inval, which is what a step far before the start of a file is
  EXPECT_EQ(events.results(), (std::vector<std::string>{"i28", "i-5", "I-9223372036854775808", "f1.5", "F2.25"}))
      << events.all();
}

TEST_P(JavaScript, TrapsHaveTheNamesOfTheSpecification) {
  Events events = steps({"?invoke:null", "?invoke:mismatch", "?invoke:beyond", "?invoke:trunc", "?invoke:overflow",
                         "invoke:several:I2,F0.5"});
  EXPECT_EQ(std::count(events.lines.begin(), events.lines.end(), "step invoke trap"), 5) << events.all();
  std::map<std::string, std::string> names = {
      {"null", "uninitialized element"},
      {"mismatch", "indirect call type mismatch|uninitialized element or indirect"},
      {"beyond", "out of bounds|undefined element"},
      {"trunc", "integer overflow|invalid conversion"},
      {"overflow", "integer overflow"}};
  for (const auto &[function, name] : names) {
    std::string message = events.after("log0 " + function + ": the guest trapped: ");
    EXPECT_TRUE(std::regex_search(message, std::regex("^(" + name + ").*\\(RuntimeError: "))) << function << message;
  }
}

TEST_P(JavaScript, ExitIsNoTrap) {
  Events events = steps({"?invoke:leave:i7", "invoke:leave:i0", "execute"});
  EXPECT_TRUE(events.has("step invoke exit")) << events.all();
  EXPECT_TRUE(events.has("step invoke ok")) << events.all();
  EXPECT_TRUE(events.has("step execute ok")) << events.all();
}

TEST_P(JavaScript, ManyInstancesInTurn) {
  std::vector<std::string> words = {"execute"};
  for (int i = 0; i < 30; i++)
    for (const char *step : {"free_instance", "instantiate", "execute"}) words.push_back(step);
  Events events = steps(words);
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(std::count(events.lines.begin(), events.lines.end(), "step execute ok"), 31);
  EXPECT_EQ(read_file(out()), "before\nafter\n");
}

TEST_P(JavaScript, TheProcessMayEndWithEverythingAlive) {
  Events events = steps({"execute"}); // frees nothing: threads of the engine are still there at exit()
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(events.process.err, "");
}

INSTANTIATE_TEST_SUITE_P(Engines, JavaScript,
                         testing::Values(Tier{"spidermonkey", "tier-up"}, Tier{"spidermonkey", "baseline"},
                                         Tier{"spidermonkey", "ion"}, Tier{"jsc", "tier-up"}, Tier{"jsc", "interp"},
                                         Tier{"jsc", "bbq"}, Tier{"jsc", "omg"}, Tier{"v8", "tier-up"},
                                         Tier{"v8", "liftoff"}, Tier{"v8", "turbofan"}),
                         [](const auto &info) {
                           std::string name = info.param.engine + "_" + info.param.tier;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

} // namespace
} // namespace sgperf::test
