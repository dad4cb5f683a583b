// SPDX-License-Identifier: Apache-2.0
// What only the V8 adapter has: versions, tiers as flags, V8's store of compiled modules, artefacts.
#include "engine_run.h"

#include <gtest/gtest.h>

#include <set>

namespace sgperf::test {
namespace {

class V8 : public testing::Test {
protected:
  Events steps(const std::string &tier, const std::vector<std::string> &words) {
    std::vector<std::string> all = {"tier=" + tier, "work=" + folder.path().string(), "stdout=" + file("out")};
    all.insert(all.end(), words.begin(), words.end());
    return drive(plugin("v8"), all);
  }
  std::string file(const std::string &name) const { return (folder.path() / name).string(); }
  static std::string why_not() { return cannot_run("v8"); }
  TempDir folder;
};

std::vector<unsigned long> code_sizes(const Events &events) {
  std::vector<unsigned long> out;
  for (const std::string &line : events.lines)
    if (line.starts_with("sizes ")) out.push_back(std::strtoul(line.c_str() + 6, nullptr, 10));
  return out;
}

TEST_F(V8, OtherLibrariesAreRefused) {
  Events other = steps("turbofan", {"lib=" + guest("libother_v8.so").string(), "create"});
  EXPECT_TRUE(other.has("step create version-refused")) << other.all();
  EXPECT_NE(other.after("log0 ").find("expected V8 10.2, found 11.3.244.8-node.20"), std::string::npos) << other.all();
  Events none = steps("turbofan", {"lib=" + guest("native_guest.so").string(), "create"});
  EXPECT_FALSE(none.has("step create ok")) << none.all();
  Events absent = steps("turbofan", {"lib=/nowhere/libnode.so.108", "create"});
  EXPECT_TRUE(absent.has("step create not-found")) << absent.all();
}

TEST_F(V8, TiersMakeOtherCode) {
  if (!why_not().empty()) GTEST_SKIP() << why_not();
  std::set<unsigned long> sizes;
  for (const char *tier : {"tier-up", "liftoff", "turbofan"})
    for (unsigned long size : code_sizes(steps(tier, {"create", "compile:" + guest("guest.wasm").string(), "module"})))
      sizes.insert(size);
  EXPECT_EQ(sizes.size(), 3u);
}

// V8 hands out a compiled module again for the same bytes; that would be no compilation.
TEST_F(V8, EveryCompilationIsOne) {
  if (!why_not().empty()) GTEST_SKIP() << why_not();
  const std::string compile = "compile:" + guest("guest.wasm").string();
  for (const char *tier : {"tier-up", "liftoff", "turbofan"}) {
    Events events =
        steps(tier, {"create", compile, "module", "swap", compile, "module", "free_module", compile, "module"});
    const std::vector<unsigned long> sizes = code_sizes(events);
    ASSERT_EQ(sizes.size(), 3u) << events.all();
    EXPECT_GT(sizes[0], 10000u);
    // TurboFan's differ by some bytes, by where things are in memory.
    EXPECT_NEAR(double(sizes[1]), double(sizes[0]), 100) << tier;
    EXPECT_NEAR(double(sizes[2]), double(sizes[0]), 100) << tier;
  }
}

TEST_F(V8, ArtefactsOfOtherFlagsAreRefused) {
  if (!why_not().empty()) GTEST_SKIP() << why_not();
  Events made =
      steps("turbofan", {"create", "compile:" + guest("guest.wasm").string(), "serialize:" + file("artefact")});
  ASSERT_EQ(made.process.exit_code, 0) << made.all();
  EXPECT_TRUE(steps("turbofan", {"create", "deserialize:" + file("artefact")}).has("step deserialize ok"));
  Events other = steps("turbofan", {"flags=--no-wasm-opt", "create", "deserialize:" + file("artefact")});
  EXPECT_TRUE(other.has("step deserialize invalid")) << other.all();
  EXPECT_NE(other.after("log0 ").find("with other flags"), std::string::npos) << other.all();
  std::string bytes = read_file(file("artefact"));
  write_file(file("cut"), bytes.substr(0, bytes.size() / 2));
  EXPECT_TRUE(steps("turbofan", {"create", "deserialize:" + file("cut")}).has("step deserialize invalid"));
}

TEST_F(V8, LazyCompilationCannotBeSerialised) {
  if (!why_not().empty()) GTEST_SKIP() << why_not();
  Events events = steps("turbofan", {"flags=--wasm-lazy-compilation", "create",
                                     "compile:" + guest("guest.wasm").string(), "serialize:" + file("artefact")});
  EXPECT_TRUE(events.has("step serialize unsupported")) << events.all();
  EXPECT_NE(events.after("log0 ").find("--wasm-lazy-compilation"), std::string::npos) << events.all();
}

TEST_F(V8, ExitCannotBeCaught) {
  if (!why_not().empty()) GTEST_SKIP() << why_not();
  for (const char *tier : {"tier-up", "liftoff", "turbofan"}) {
    Events events = steps(tier, {"create", "compile:" + guest("v8_exit.wasm").string(), "instantiate", "?execute",
                                 "free_instance", "instantiate", "?execute"});
    EXPECT_EQ(std::count(events.lines.begin(), events.lines.end(), "step execute exit"), 2) << events.all();
    EXPECT_EQ(events.after("code "), "3");
    EXPECT_EQ(read_file(file("out")), "") << tier;
  }
}

TEST_F(V8, NamesOfCodeAreWrittenWhenAskedFor) {
  if (!why_not().empty()) GTEST_SKIP() << why_not();
  Events events = steps("liftoff", {"flags=--perf-basic-prof", "create", "compile:" + guest("guest.wasm").string(),
                                    "instantiate", "invoke:add:i1,i2"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  for (const auto &entry : std::filesystem::directory_iterator(".")) // nor is anything else written
    EXPECT_FALSE(entry.path().filename().string().starts_with("isolate-")) << entry.path();
  std::filesystem::path map = "/tmp/perf-" + std::to_string(events.process.pid) + ".map";
  const std::string text = read_file(map);
  std::filesystem::remove(map);
  EXPECT_NE(text.find("add"), std::string::npos) << map;
}

} // namespace
} // namespace sgperf::test
