// SPDX-License-Identifier: Apache-2.0
// What only the SpiderMonkey adapter has: compilers that are switched on and off, and artefacts of its own.
#include "engine_run.h"

#include <gtest/gtest.h>

namespace sgperf::test {
namespace {

void leb(std::string &out, size_t value) {
  do {
    out += char(value >= 0x80 ? (value & 0x7f) | 0x80 : value);
    value >>= 7;
  } while (value);
}
void section(std::string &out, char id, const std::string &body) {
  out += id;
  leb(out, body.size());
  out += body;
}

// Large enough that compilers differ by more than a page: functions (i32) -> i32 of `terms` steps x = x * x + x each.
std::string large_module(size_t functions, size_t terms) {
  std::string code, body = "\1\1\x7f"; // one local beside the parameter
  for (size_t i = 0; i < terms; i++) body += std::string("\x20\0\x20\0\x6c\x20\0\x6a\x22\1\x21\0", 12);
  body += std::string("\x20\1\x0b", 3);
  leb(code, functions);
  std::string types;
  leb(types, functions);
  for (size_t i = 0; i < functions; i++) {
    leb(code, body.size());
    code += body;
    types += '\0';
  }
  std::string out("\0asm\1\0\0\0", 8);
  section(out, 1, "\1\x60\1\x7f\1\x7f");
  section(out, 3, types);
  section(out, 7, std::string("\1\1f\0\0", 5));
  section(out, 10, code);
  return out;
}

class SpiderMonkey : public testing::Test {
protected:
  void SetUp() override {
    if (std::string why = cannot_run("spidermonkey"); !why.empty()) GTEST_SKIP() << why;
  }
  Events steps(const std::string &tier, const std::vector<std::string> &words) {
    std::vector<std::string> all = {"tier=" + tier, "work=" + folder.path().string(), "create"};
    all.insert(all.end(), words.begin(), words.end());
    return drive(plugin("spidermonkey"), all);
  }
  unsigned long code_size(const std::string &tier, const std::string &module) {
    Events events = steps(tier, {"compile:" + module, "module", "instantiate", "invoke:f:i3"});
    EXPECT_EQ(events.after("result "), results) << events.all();
    return std::strtoul(events.after("sizes ").c_str(), nullptr, 10);
  }
  std::string file(const std::string &name) const { return (folder.path() / name).string(); }
  TempDir folder;
  std::string results;
};

TEST_F(SpiderMonkey, TheTierIsInForce) {
  write_file(file("large.wasm"), large_module(400, 100));
  uint32_t x = 3;
  for (int i = 0; i < 100; i++) x = x * x + x;
  results = "i" + std::to_string(int32_t(x));
  unsigned long baseline = code_size("baseline", file("large.wasm")), ion = code_size("ion", file("large.wasm"));
  EXPECT_GT(ion, 65536u);
  EXPECT_GT(baseline, ion + ion / 4);
  // What is there when compile() returns is the baseline's, and perhaps Ion's already.
  EXPECT_GE(code_size("tier-up", file("large.wasm")), baseline);
}

TEST_F(SpiderMonkey, FlagsAreItsJitOptions) {
  EXPECT_EQ(steps("ion", {"flags=--wasm.fold-offsets=0 --spectre.index-masking=1"}).process.exit_code, 0);
  for (const char *flags :
       {"--wasm.fold-offsets", "--wasm.fold-offsets=x", "--wasm.baseline=1", "--no.such=1", "wasm.fold-offsets=1"}) {
    Events events =
        drive(plugin("spidermonkey"), {std::string("flags=") + flags, "work=" + folder.path().string(), "create"});
    EXPECT_TRUE(events.has("step create flags")) << flags << "\n" << events.all();
  }
}

TEST_F(SpiderMonkey, AnotherLibraryCannotBeGiven) {
  Events events = drive(plugin("spidermonkey"), {"lib=/nowhere/libmozjs-128.so", "create"});
  EXPECT_TRUE(events.has("step create flags")) << events.all();
  EXPECT_NE(events.after("log0 ").find("mozjs-102"), std::string::npos) << events.all();
}

TEST_F(SpiderMonkey, ArtefactsOfOtherBuildsAndCutOnesAreRefused) {
  std::string module = guest("guest.wasm").string();
  Events made = steps("ion", {"compile:" + module, "serialize:" + file("artefact")});
  ASSERT_EQ(made.process.exit_code, 0) << made.all();
  std::string artefact = read_file(file("artefact"));
  size_t version = artefact.find("102.");
  ASSERT_NE(version, std::string::npos); // in the build id
  std::string other = artefact;
  other[version] = '9';
  write_file(file("other"), other);
  write_file(file("cut"), artefact.substr(0, artefact.size() / 2));
  write_file(file("head"), artefact.substr(0, 20));
  write_file(file("long"), artefact + "x");
  write_file(file("empty"), "");
  std::map<std::string, std::string> reasons = {{"other", "another build of SpiderMonkey"},
                                                {"cut", "cut off"},
                                                {"head", "found another file"},
                                                {"long", "too long"},
                                                {"empty", "found another file"}};
  for (const auto &[name, reason] : reasons) {
    Events events = steps("ion", {"deserialize:" + file(name)});
    EXPECT_TRUE(events.has("step deserialize invalid")) << events.all();
    EXPECT_NE(events.after("log0 ").find(reason), std::string::npos) << events.all();
  }
}

TEST_F(SpiderMonkey, AnArtefactIsIonsCodeForEveryTierThatHasIon) {
  write_file(file("large.wasm"), large_module(400, 100));
  Events made = steps("tier-up", {"compile:" + file("large.wasm"), "serialize:" + file("artefact")});
  ASSERT_EQ(made.process.exit_code, 0) << made.all();
  EXPECT_EQ(made.order(), "begin:compile end:compile begin:serialize end:serialize");
  for (const char *tier : {"ion", "tier-up"}) {
    Events events = steps(tier, {"deserialize:" + file("artefact"), "module", "instantiate", "invoke:f:i1"});
    EXPECT_EQ(events.process.exit_code, 0) << events.all();
    unsigned long ion =
        std::strtoul(steps("ion", {"compile:" + file("large.wasm"), "module"}).after("sizes ").c_str(), nullptr, 10);
    EXPECT_EQ(std::strtoul(events.after("sizes ").c_str(), nullptr, 10), ion) << events.all();
  }
  EXPECT_TRUE(steps("baseline", {"deserialize:" + file("artefact")}).has("step deserialize unsupported"));
}

} // namespace
} // namespace sgperf::test
