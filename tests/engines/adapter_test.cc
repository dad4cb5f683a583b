// SPDX-License-Identifier: Apache-2.0
// What every adapter that runs WebAssembly does in the same way.
#include "engine_run.h"
#include "support/session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

namespace sgperf::test {
namespace {

struct Tier {
  std::string engine, tier, wasi;
  bool serializes;
  std::string flags = {}, library = {}; // the library's place in the cache, for plug-ins that have none of their own
  std::string name() const {
    std::string text = engine + "_" + tier + (flags.empty() ? "" : "_" + flags);
    for (char &c : text)
      if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
    return text;
  }
};
std::ostream &operator<<(std::ostream &out, const Tier &tier) {
  return out << tier.engine << ':' << tier.tier << ' ' << tier.flags;
}

class Adapter : public testing::TestWithParam<Tier> {
protected:
  // WAMR compiles with LLVM, which makes an endless loop of an endless tail call.
  static std::string endless() {
    return GetParam().engine == "wamr" && GetParam().tier != "fast-interp" ? "?invoke:nest" : "?invoke:deep";
  }
  // WAMR's compiler ahead of time reads and validates in a call of its own.
  static std::string compiled() {
    bool parses = GetParam().engine == "wamr" && GetParam().tier == "aot";
    return std::string(parses ? "begin:parse end:parse " : "") + "begin:compile end:compile";
  }
  void SetUp() override {
    if (std::string why = cannot_run(GetParam().engine, GetParam().tier); !why.empty()) GTEST_SKIP() << why;
    std::filesystem::create_directories(folder / "guest");
    std::filesystem::create_directories(folder / "work");
    write_file(folder / "guest/input.txt", "from the file\n");
    write_file(folder / "outside.txt", "secret");
  }
  Events steps(std::vector<std::string> words, Options options = {}) {
    std::vector<std::string> all = {"tier=" + GetParam().tier, "work=" + path("work"),  "dir=" + path("guest"),
                                    "stdout=" + path("out"),   "stderr=" + path("err"), "create"};
    if (!GetParam().flags.empty()) all.insert(all.begin(), "flags=" + GetParam().flags);
    if (!GetParam().library.empty())
      all.insert(all.begin(), "lib=" + (installed_engines() / GetParam().library).string());
    all.insert(all.end(), words.begin(), words.end());
    // options of a test stand in front of create
    std::stable_partition(all.begin(), all.end(), [](const std::string &word) {
      size_t equals = word.find('='), colon = word.find(':');
      return equals != std::string::npos && equals < colon;
    });
    return drive(plugin(GetParam().engine), all, options);
  }
  std::string path(const std::string &name) const { return (folder_.path() / name).string(); }

  TempDir folder_;
  std::filesystem::path folder = folder_.path();
};

TEST_P(Adapter, HelloWithArgumentsEnvironmentAndStdin) {
  write_file(folder / "in", "a line of stdin\n");
  Events events = steps({"arg=prog", "arg=hello", "arg=one", "arg=two words", "env=COLOUR= red", "stdin=" + path("in"),
                         "describe", "compile:" + guest("guest.wasm").string(), "instantiate", "execute",
                         "free_instance", "free_module", "free"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(read_file(folder / "out"), "hello from prog one two words red\na line of stdin\n");
  EXPECT_EQ(read_file(folder / "err"), "to stderr\n");
  EXPECT_EQ(events.after("code "), "0");
  std::string info = events.after("info ");
  EXPECT_NE(info.find("|" + GetParam().wasi + "|" + GetParam().tier + "|"), std::string::npos) << info;
}

TEST_P(Adapter, RegionsAndHooksComeInOrder) {
  Events events = steps({"compile:" + guest("guest.wasm").string(), "instantiate", "execute"});
  EXPECT_EQ(events.order(), compiled() + " begin:instantiate end:instantiate begin:call hook:start hook:end end:call")
      << events.all();
}

TEST_P(Adapter, FilesStayInTheReadOnlyDirectory) {
  Events events = steps({"arg=prog", "arg=files", "compile:" + guest("guest.wasm").string(), "instantiate", "execute"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  // Wasmer's own WASI has no read-only directories: the guest writes to a copy.
  const bool copy = GetParam().engine == "wasmer" && GetParam().wasi == "own";
  EXPECT_EQ(read_file(folder / "out"), std::string("from the file\nkept inside\n") + (copy ? "" : "read only\n"));
  EXPECT_FALSE(std::filesystem::exists(folder / "guest/output.txt"));
}

TEST_P(Adapter, FilesAreWrittenWhereTheDirectoryIsWritable) {
  Events events = steps(
      {"writable=1", "arg=prog", "arg=files", "compile:" + guest("guest.wasm").string(), "instantiate", "execute"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(read_file(folder / "out"), "from the file\nkept inside\n");
  EXPECT_EQ(read_file(folder / "guest/output.txt"), "written\n");
}

TEST_P(Adapter, ExitCodesAreTheirOwnStatus) {
  Events events =
      steps({"arg=prog", "arg=exit", "arg=42", "compile:" + guest("guest.wasm").string(), "instantiate", "execute"});
  EXPECT_TRUE(events.has("step execute exit")) << events.all();
  EXPECT_EQ(events.after("code "), "42");
  EXPECT_FALSE(events.has("end call")); // a region that ends with an error is not closed
}

TEST_P(Adapter, ExitWithZeroIsSuccess) {
  Events events =
      steps({"arg=prog", "arg=exit", "arg=0", "compile:" + guest("guest.wasm").string(), "instantiate", "execute"});
  EXPECT_TRUE(events.has("step execute ok")) << events.all();
  EXPECT_EQ(events.after("code "), "0");
  EXPECT_TRUE(events.has("end call"));
}

TEST_P(Adapter, TrapsAreNamedAndTheInstanceStaysUsable) {
  Events events = steps({"compile:" + guest("traps.wasm").string(), "instantiate", "?execute", "?invoke:unreachable",
                         "?invoke:divide:i1,i0", endless(), "invoke:divide:i84,i2"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_TRUE(events.has("step execute trap")) << events.all();
  std::string text = events.process.out;
  for (char &c : text) c = char(std::tolower(c));
  for (const char *trap : {"out", "bounds", "unreachable", "divide by zero", "stack exhausted"})
    EXPECT_NE(text.find(trap), std::string::npos) << trap << "\n" << events.all();
  EXPECT_EQ(events.after("result "), "i42");
}

TEST_P(Adapter, TwoModulesTrapInTurns) {
  std::string module = guest("traps.wasm").string();
  Events events = steps({"compile:" + module, "instantiate", "?execute", "swap", "compile:" + module, "instantiate",
                         "?execute", "swap", "?execute", endless(), "free_instance", "free_module", "swap", "?execute",
                         endless(), "invoke:divide:i9,i3", "free_instance", "free_module", "free"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(std::count(events.lines.begin(), events.lines.end(), "step execute trap"), 4) << events.all();
  EXPECT_EQ(std::count(events.lines.begin(), events.lines.end(), "step invoke trap"), 2) << events.all();
  EXPECT_EQ(events.after("result "), "i3");
}

TEST_P(Adapter, UnknownImportsAreNamed) {
  Events events = steps({"compile:" + guest("unknown_import.wasm").string(), "instantiate"});
  EXPECT_TRUE(events.has("step instantiate import")) << events.all();
  std::string message = events.after("log0 ");
  EXPECT_NE(message.find("env"), std::string::npos) << message;
  EXPECT_NE(message.find("nothing"), std::string::npos) << message;
}

TEST_P(Adapter, MemoryImportsAreRefusedAsImports) {
  Events events = steps({"compile:" + guest("memory_import.wasm").string(), "instantiate"});
  EXPECT_NE(events.lines.back().find(" import"), std::string::npos) << events.all();
  EXPECT_NE(events.after("log0 ").find("memory"), std::string::npos);
}

TEST_P(Adapter, WhatIsNoModuleIsRefused) {
  write_file(folder / "text", "hello, this is text");
  write_file(folder / "empty", "");
  write_file(folder / "component", std::string("\0asm\x0d\0\1\0", 8));
  write_file(folder / "cut", std::string("\0asm\1\0\0\0\1\x7f\x60", 11));
  Events events = steps({"?compile:" + path("text"), "?compile:" + path("empty"), "?compile:" + path("component"),
                         "?compile:" + path("cut"), "?compile:" + guest("invalid.wasm").string(),
                         "?compile-bytes:" + path("text")});
  std::vector<std::string> statuses;
  for (const std::string &line : events.lines)
    if (line.starts_with("step compile")) statuses.push_back(line.substr(line.rfind(' ') + 1));
  // wasm3 validates a function when it translates it: at its first call, or with --eager (wasm3_test.cc).
  bool late = GetParam().engine == "wasm3";
  EXPECT_EQ(statuses, (std::vector<std::string>{"invalid", "invalid", "component", "invalid", late ? "ok" : "invalid",
                                                "invalid"}))
      << events.all();
  EXPECT_EQ(events.has("end compile"), late);
}

TEST_P(Adapter, ExportedFunctionsTakeAndGiveAllNumbers) {
  Events events = steps({"compile:" + guest("guest.wasm").string(), "instantiate", "invoke:add:i2,i-44",
                         "invoke:mix:i1,I20000000000,f0.5,F0.25", "invoke:twice:f1.5", "invoke:big:I4294967297"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(events.results(), (std::vector<std::string>{"i-42", "F2e+10", "f3", "I4503599628419072"})) << events.all();
  EXPECT_EQ(events.order(), compiled() + " begin:instantiate end:instantiate"); // invoke raises none
}

TEST_P(Adapter, TheLoopOfCallsEndsAtTheFirstThatFails) {
  Events events = steps({"compile:" + guest("guest.wasm").string(), "instantiate", "many:5:count:I3", "many:7:tick",
                         "many:0:tick", "many:0:count:I100", "many:1:count:I0", "?many:5:count", "?many:1000:drain",
                         "invoke:count:I0", "many:3:tick", "invoke:count:I0"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(events.results(), (std::vector<std::string>{"I15", "I22", "I0", "I3"})) << events.all();
  EXPECT_TRUE(events.has("step many error")) << events.all();
  EXPECT_TRUE(events.has("step many trap")) << events.all();
}

TEST_P(Adapter, WrongArgumentsAndNamesAreErrors) {
  Events events = steps({"compile:" + guest("guest.wasm").string(), "instantiate", "?invoke:nobody", "?invoke:add:i1",
                         "?invoke:add:i1,F2", "invoke:add:i1,i2"});
  EXPECT_TRUE(events.has("step invoke not-found")) << events.all();
  EXPECT_TRUE(events.has("step invoke error")) << events.all();
  EXPECT_EQ(events.after("result "), "i3");
}

TEST_P(Adapter, InstancesAreFreshAndRepeatable) {
  std::vector<std::string> words = {"compile:" + guest("guest.wasm").string()};
  for (int i = 0; i < 5; i++)
    for (const char *step : {"instantiate", "execute", "free_instance"}) words.push_back(step);
  words.push_back("instantiate"); // truncates
  Events events = steps(words);
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(std::count(events.lines.begin(), events.lines.end(), "hook end"), 5);
  EXPECT_EQ(read_file(folder / "out"), "");
}

TEST_P(Adapter, CodeSizeIsKnown) {
  Events events = steps({"compile:" + guest("guest.wasm").string(), "module"});
  unsigned long code = 0, artefact = 1;
  ASSERT_EQ(std::sscanf(events.after("sizes ").c_str(), "%lu %lu", &code, &artefact), 2) << events.all();
  // JavaScriptCore, Wasmi and WAMR's JIT do not tell; the first two and wasm3 have translated nothing yet.
  const std::string &engine = GetParam().engine;
  if (engine == "jsc" || engine == "wasmi" || engine == "wasm3" || GetParam().tier == "llvm-jit") {
    EXPECT_EQ(code, 0u);
  } else {
    EXPECT_GT(code, 1000u);
    EXPECT_LT(code, 10000000u);
  }
  EXPECT_EQ(artefact, 0u);
}

TEST_P(Adapter, SerializedModulesRunAgain) {
  std::string file = path("artefact");
  if (!GetParam().serializes) {
    Events events = steps({"compile:" + guest("guest.wasm").string(), "?serialize:" + file, "?deserialize:" + file});
    EXPECT_TRUE(events.has("step serialize unsupported")) << events.all();
    EXPECT_TRUE(events.has("step deserialize unsupported"));
    return;
  }
  Events made = steps({"compile:" + guest("guest.wasm").string(), "serialize:" + file, "module"});
  ASSERT_EQ(made.process.exit_code, 0) << made.all();
  unsigned long code = 0, artefact = 0;
  std::sscanf(made.after("sizes ").c_str(), "%lu %lu", &code, &artefact);
  EXPECT_EQ(artefact, std::filesystem::file_size(file));

  Events ran = steps({"arg=prog", "arg=hello", "deserialize:" + file, "module", "instantiate", "execute",
                      "free_instance", "free_module", "deserialize:" + file, "instantiate", "invoke:add:i1,i2"});
  EXPECT_EQ(ran.process.exit_code, 0) << ran.all();
  EXPECT_EQ(ran.after("result "), "i3");
  EXPECT_EQ(ran.order().substr(0, 33), "begin:deserialize end:deserialize");
  EXPECT_FALSE(ran.has("begin compile"));
}

TEST_P(Adapter, ArtefactsInUseCanBeWrittenAgain) {
  if (!GetParam().serializes) GTEST_SKIP() << GetParam().engine << " does not serialise";
  std::string file = path("artefact");
  // By the module that was compiled: not every engine serialises one that was itself deserialised.
  Events events = steps({"compile:" + guest("guest.wasm").string(), "serialize:" + file, "swap", "deserialize:" + file,
                         "swap", "serialize:" + file, "swap", "instantiate", "invoke:add:i1,i2"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(events.after("result "), "i3");
}

TEST_P(Adapter, BadArtefactsAreErrors) {
  if (!GetParam().serializes) GTEST_SKIP() << GetParam().engine << " does not serialise";
  write_file(folder / "garbage", std::string(5000, 'x'));
  Events events = steps({"?deserialize:" + path("garbage"), "?deserialize:" + path("absent")});
  EXPECT_TRUE(events.has("step deserialize invalid")) << events.all();
  EXPECT_TRUE(events.has("step deserialize not-found")) << events.all();
}

TEST_P(Adapter, UnknownTiersAndFlagsAreRefused) {
  Events tier = drive(plugin(GetParam().engine), {"tier=turbo", "work=" + path("work"), "create"});
  EXPECT_TRUE(tier.has("step create flags")) << tier.all();
  Events flag = steps({"flags=--frobnicate"});
  EXPECT_TRUE(flag.has("step create flags")) << flag.all();
  EXPECT_NE(flag.after("log0 ").find("--frobnicate"), std::string::npos);
}

TEST_P(Adapter, ScopesShowTheAdaptersLayer) {
  std::filesystem::create_directories(folder / "sessions");
  Options options;
  options.env = {"LD_PRELOAD=" + (build_dir() / "libsgperf/libsgperf.so.1").string(), "SGPERF_DIR=" + path("sessions")};
  Events events = steps(
      {"arg=prog", "arg=exit", "arg=0", "compile:" + guest("guest.wasm").string(), "instantiate", "execute"}, options);
  ASSERT_EQ(events.process.exit_code, 0) << events.all();
  std::filesystem::path file;
  for (const std::filesystem::path &at : session_files(folder / "sessions")) // wasm2c's version probe may have children
    if (read_session(at).site("guest::_start")) file = at;
  ASSERT_FALSE(file.empty());
  Session session = read_session(file);
  const std::string engine = GetParam().engine;
  EXPECT_EQ(session.sums("guest::_start").count, 1u); // left by proc_exit, and closed all the same
  EXPECT_EQ(session.sums(engine + "::compile").count, 1u);
  EXPECT_EQ(session.sums(engine + "::instantiate").count, 1u);
  if (GetParam().wasi == "sgperf shim") {
    EXPECT_GT(session.sums(engine + "::import").count, 2u);
    EXPECT_LE(session.sums(engine + "::import").total, session.sums("guest::_start").total);
  }
}

TEST_P(Adapter, NothingIsLeftBehind) {
  Events events =
      steps({"compile:" + guest("traps.wasm").string(), "instantiate", "free_instance", "free_module", "free"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  for (const auto &entry : std::filesystem::directory_iterator(folder / "work"))
    EXPECT_FALSE(entry.is_directory()) << entry.path();
}

INSTANTIATE_TEST_SUITE_P(
    Engines, Adapter,
    testing::Values(Tier{"wasmtime", "cranelift", "own", true}, Tier{"wasmtime", "cranelift-none", "own", true},
                    Tier{"wasmtime", "winch", "own", true}, Tier{"wasmtime", "pulley", "own", true},
                    Tier{"wabt", "interp", "sgperf shim", false}, Tier{"wasm2c", "O1", "sgperf shim", true},
                    Tier{"spidermonkey", "tier-up", "sgperf shim", true},
                    Tier{"spidermonkey", "baseline", "sgperf shim", false},
                    Tier{"spidermonkey", "ion", "sgperf shim", true}, Tier{"jsc", "tier-up", "sgperf shim", false},
                    Tier{"jsc", "interp", "sgperf shim", false}, Tier{"jsc", "bbq", "sgperf shim", false},
                    Tier{"jsc", "omg", "sgperf shim", false}, Tier{"wasm3", "interp", "sgperf shim", false},
                    Tier{"wamr", "fast-interp", "own", false}, Tier{"wamr", "aot", "own", true},
                    Tier{"wamr", "llvm-jit", "own", false}, Tier{"wasmi", "interp", "sgperf shim", false},
                    Tier{"wasmer", "cranelift", "sgperf shim", true}, Tier{"wasmer", "singlepass", "sgperf shim", true},
                    Tier{"wasmer", "llvm", "sgperf shim", true}, Tier{"wasmer", "cranelift", "own", true, "wasi=own"},
                    Tier{"v8", "tier-up", "sgperf shim", false}, Tier{"v8", "liftoff", "sgperf shim", false},
                    Tier{"v8", "turbofan", "sgperf shim", true},
                    Tier{"wasm-c-api", "default", "sgperf shim", true, "", "wasmtime-50.0.1/_libwasmtime.so"}),
    [](const auto &info) { return info.param.name(); });

} // namespace
} // namespace sgperf::test
