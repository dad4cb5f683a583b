// SPDX-License-Identifier: Apache-2.0
// What only the JavaScriptCore adapter has: a library loaded at run time, and tiers that are options of it.
#include "engine_run.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace sgperf::test {
namespace {

class Jsc : public testing::Test {
protected:
  void SetUp() override {
    if (std::string why = cannot_run("jsc"); !why.empty()) GTEST_SKIP() << why;
  }
  Events run_guest(const std::string &tier, const std::string &flags, std::vector<std::string> env = {}) {
    TempDir folder;
    std::vector<std::string> words = {"tier=" + tier, "work=" + folder.path().string(), "arg=prog", "arg=hello"};
    if (!flags.empty()) words.push_back("flags=" + flags);
    for (const char *step : {"create", "describe", "compile:", "instantiate", "execute"})
      words.push_back(std::string(step) == "compile:" ? step + guest("guest.wasm").string() : step);
    Options options;
    options.env = std::move(env);
    return drive(plugin("jsc"), words, options);
  }
  // Indices of the functions that a compiler made code for, as the engine itself reports them.
  static std::set<int> compiled(const Events &events, const std::string &compiler) {
    std::set<int> functions;
    std::regex line("Generated " + compiler + " code for WebAssembly " + compiler + " function\\[(\\d+)\\]");
    const std::string &text = events.process.err;
    for (std::sregex_iterator at(text.begin(), text.end(), line), end; at != end; ++at)
      functions.insert(std::stoi((*at)[1]));
    return functions;
  }
};

TEST_F(Jsc, TheTierIsInForce) {
  const std::string report = "--dumpBBQDisassembly=true --dumpOMGDisassembly=true";
  Events interp = run_guest("interp", report), bbq = run_guest("bbq", report), omg = run_guest("omg", report);
  for (const Events *events : {&interp, &bbq, &omg}) EXPECT_EQ(events->process.exit_code, 0) << events->process.out;
  EXPECT_EQ(compiled(interp, "BBQ").size() + compiled(interp, "OMG").size(), 0u);
  EXPECT_GT(compiled(bbq, "BBQ").size(), 10u);
  EXPECT_EQ(compiled(bbq, "OMG").size(), 0u);
  // Every function at its first call; what OMG inlined into its callers is never called.
  EXPECT_EQ(compiled(omg, "OMG"), compiled(omg, "BBQ"));
  EXPECT_GT(compiled(omg, "OMG").size(), compiled(bbq, "BBQ").size() / 2);
}

TEST_F(Jsc, FlagsAreTheOptionsOfTheEngine) {
  Events older = run_guest("interp", "--useWasmIPInt=false");
  EXPECT_EQ(older.process.exit_code, 0) << older.all();
  EXPECT_NE(older.after("info ").find("low-level interpreter"), std::string::npos) << older.all();
  EXPECT_NE(run_guest("interp", "").after("info ").find("in-place interpreter"), std::string::npos);
  EXPECT_EQ(run_guest("tier-up", "--thresholdForBBQOptimizeAfterWarmUp=10 --gcMaxHeapSize=100000000"
                                 " --criticalGCMemoryThreshold=0.7 --useConcurrentGC=0")
                .process.exit_code,
            0);
  for (const char *flags : {"--useWasmIPInt", "--useWasmIPInt=perhaps", "--gcMaxHeapSize=much", "--noSuchOption=1",
                            "useWasmIPInt=false", "--thresholdForBBQOptimizeAfterWarmUp=1.5"}) {
    Events events = run_guest("tier-up", flags);
    EXPECT_TRUE(events.has("step create flags")) << flags << "\n" << events.all();
    EXPECT_NE(events.after("log0 ").find(flags), std::string::npos) << events.all();
  }
}

TEST_F(Jsc, ATierThatTheEnvironmentSwitchedOffIsRefused) {
  for (const char *tier : {"tier-up", "bbq", "omg"}) {
    Events events = run_guest(tier, "", {"JSC_useJIT=false"});
    EXPECT_TRUE(events.has("step create unsupported")) << events.all();
    EXPECT_NE(events.after("log0 ").find("JSC_"), std::string::npos) << events.all();
  }
  EXPECT_EQ(run_guest("interp", "", {"JSC_useJIT=false"}).process.exit_code, 0);
}

TEST_F(Jsc, OtherLibrariesAreRefused) {
  Events other = drive(plugin("jsc"), {"lib=" + guest("libfirst_form.so").string(), "create"});
  EXPECT_TRUE(other.has("step create version-refused")) << other.all();
  EXPECT_NE(other.after("log0 ").find("expected JavaScriptCore"), std::string::npos) << other.all();
  Events absent = drive(plugin("jsc"), {"lib=/nowhere/libjavascriptcore.so", "create"});
  EXPECT_TRUE(absent.has("step create not-found")) << absent.all();
  EXPECT_NE(absent.after("log0 ").find("/nowhere/"), std::string::npos) << absent.all();
}

} // namespace
} // namespace sgperf::test
