// SPDX-License-Identifier: Apache-2.0
// What only the WAMR adapter has: tiers by library, flags, artefacts, traps that LLVM removes, declarations of our own.
#include "engine_run.h"

#include <gtest/gtest.h>

namespace sgperf::test {
namespace {

Events steps(const TempDir &folder, std::vector<std::string> words) {
  words.insert(words.begin(), "work=" + folder.path().string());
  return drive(plugin("wamr"), words);
}

class Wamr : public testing::TestWithParam<std::string> {
protected:
  void SetUp() override {
    if (std::string why = cannot_run("wamr", GetParam()); !why.empty()) GTEST_SKIP() << why;
  }
  Events steps(std::vector<std::string> words) {
    words.insert(words.begin(), "tier=" + GetParam());
    return test::steps(folder_, words);
  }
  bool machine_code() const { return GetParam() != "fast-interp"; }
  TempDir folder_;
};

TEST_P(Wamr, FlagsOfItsPrograms) {
  std::vector<std::string> good = {"--stack-size=1000000", "--heap-size=65536"},
                           bad = {"--stack-size=0", "--stack-size=much", "--stack-size", "--heap-size=-1", "plain"};
  (machine_code() ? good : bad).push_back("--opt-level=1 --size-level=0");
  (GetParam() == "aot" ? good : bad).push_back("--cpu=x86-64 --cpu-features=+sse4.2 --bounds-checks=1");
  (GetParam() == "aot" ? good : bad).push_back("--enable-linux-perf");
  if (machine_code()) bad.push_back("--opt-level=9");
  for (const std::string &flags : good) {
    if (flags.find("--enable-linux-perf") != std::string::npos) continue; // has a test of its own
    Events events = steps({"flags=" + flags, "create", "compile:" + guest("guest.wasm").string(), "instantiate",
                           "invoke:add:i1,i2", "free_instance", "free_module", "free"});
    EXPECT_EQ(events.process.exit_code, 0) << flags << "\n" << events.all();
    EXPECT_EQ(events.after("result "), "i3") << flags;
  }
  for (const std::string &flags : bad) {
    Events events = steps({"flags=" + flags, "?create"});
    EXPECT_TRUE(events.has("step create flags")) << flags << "\n" << events.all();
    EXPECT_NE(events.after("log0 ").find("--stack-size=BYTES"), std::string::npos) << flags;
  }
}

TEST_P(Wamr, OneRuntimeInAProcessMayBeMadeAgain) {
  Events events = steps({"create", "compile:" + guest("guest.wasm").string(), "free_module", "free", "create",
                         "compile:" + guest("guest.wasm").string(), "instantiate", "invoke:add:i40,i2", "free_instance",
                         "free_module", "free"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(events.after("result "), "i42");
  Events twice = steps({"create", "?create"});
  EXPECT_TRUE(twice.has("step create error")) << twice.all();
  EXPECT_NE(twice.after("log0 ").find("one runtime"), std::string::npos) << twice.all();
}

// docs/engines/wamr.md says so: a load whose value nobody needs is gone with its trap.
TEST_P(Wamr, DeadLoadsTrapInTheInterpreterOnly) {
  Events events = steps({"create", "compile:" + guest("traps.wasm").string(), "instantiate", "?invoke:dead_load"});
  EXPECT_TRUE(events.has(machine_code() ? "step invoke ok" : "step invoke trap")) << events.all();
}

TEST_P(Wamr, NothingIsLazy) {
  Events events = steps({"create", "compile:" + guest("guest.wasm").string(), "module"});
  EXPECT_EQ(events.after("lazy "), "0") << events.all();
}

INSTANTIATE_TEST_SUITE_P(Tiers, Wamr, testing::Values("fast-interp", "aot", "llvm-jit"), [](const auto &info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(WamrAot, ArtefactsRunWithoutTheCompiler) {
  if (std::string why = cannot_run("wamr", "aot"); !why.empty()) GTEST_SKIP() << why;
  TempDir folder;
  std::string file = (folder.path() / "artefact").string();
  Events made = steps(folder, {"tier=aot", "create", "compile:" + guest("guest.wasm").string(), "serialize:" + file});
  ASSERT_EQ(made.process.exit_code, 0) << made.all();
  // A cache with the small runtime alone.
  std::filesystem::create_directories(folder.path() / "cache/engines");
  std::filesystem::create_directory_symlink(installed_engines() / "wamr-2.4.3",
                                            folder.path() / "cache/engines/wamr-2.4.3");
  Options options;
  options.env = {"SGPERF_CACHE=" + (folder.path() / "cache").string()};
  Events ran = drive(plugin("wamr"),
                     {"tier=aot", "work=" + folder.path().string(), "create", "deserialize:" + file, "instantiate",
                      "invoke:add:i1,i2", "?compile:" + guest("guest.wasm").string()},
                     options);
  EXPECT_EQ(ran.after("result "), "i3") << ran.all();
  EXPECT_TRUE(ran.has("step compile not-found")) << ran.all();
  EXPECT_NE(ran.after("log0 ").find("sgperf engines install wamr-llvm"), std::string::npos) << ran.all();
}

TEST(WamrAot, AModuleIsNotAnArtefact) {
  if (std::string why = cannot_run("wamr"); !why.empty()) GTEST_SKIP() << why;
  TempDir folder;
  Events events = steps(folder, {"tier=aot", "create", "?deserialize:" + guest("guest.wasm").string()});
  EXPECT_TRUE(events.has("step deserialize invalid")) << events.all();
}

TEST(WamrAot, NamesForProfilersAreInAPerfMap) {
  if (std::string why = cannot_run("wamr", "aot"); !why.empty()) GTEST_SKIP() << why;
  TempDir folder;
  std::vector<std::string> words = {"tier=aot", "flags=--enable-linux-perf", "create", "describe",
                                    "compile:" + guest("guest.wasm").string()};
  auto maps = [] {
    std::vector<std::string> found;
    for (const auto &entry : std::filesystem::directory_iterator("/tmp"))
      if (std::string name = entry.path().filename(); name.starts_with("perf-") && name.ends_with(".map"))
        found.push_back(entry.path());
    return found;
  };
  std::vector<std::string> before = maps();
  Events events = steps(folder, words);
  ASSERT_EQ(events.process.exit_code, 0) << events.all();
  std::string mine;
  for (const std::string &path : maps())
    if (std::find(before.begin(), before.end(), path) == before.end() &&
        read_file(path).find("aot_func#") != std::string::npos)
      mine = path;
  ASSERT_FALSE(mine.empty()) << "no new /tmp/perf-PID.map with functions of a module";
  std::filesystem::remove(mine);
}

TEST(WamrLibrary, OthersAreRefused) {
  TempDir folder;
  Events wrong = steps(folder, {"lib=" + guest("libwamr_other.so").string(), "?create"});
  EXPECT_TRUE(wrong.has("step create version-refused")) << wrong.all();
  EXPECT_NE(wrong.after("log0 ").find("expected WAMR 2.4.3, found 2.3.1"), std::string::npos) << wrong.all();
  Events other = steps(folder, {"lib=" + guest("libwasm3_other.so").string(), "?create"});
  EXPECT_TRUE(other.has("step create version-refused")) << other.all();
  Events absent = steps(folder, {"lib=/nowhere/libiwasm.so", "?create"});
  EXPECT_TRUE(absent.has("step create not-found")) << absent.all();
}

TEST(WamrLibrary, ABuildWithoutTheJitIsRefusedForItsTier) {
  if (std::string why = cannot_run("wamr"); !why.empty()) GTEST_SKIP() << why;
  TempDir folder;
  Events events =
      steps(folder, {"tier=llvm-jit", "lib=" + (installed_engines() / "wamr-2.4.3/libiwasm.so").string(), "?create"});
  EXPECT_TRUE(events.has("step create version-refused")) << events.all();
  EXPECT_NE(events.after("log0 ").find("WAMR_BUILD_JIT=1"), std::string::npos) << events.all();
}

// The structs of wamr_api.h against the headers that belong to the library.
TEST(WamrLibrary, DeclarationsAgreeWithItsHeaders) {
  if (std::string why = cannot_run("wamr"); !why.empty()) GTEST_SKIP() << why;
  std::filesystem::path include = installed_engines() / "wamr-2.4.3/include";
  if (!std::filesystem::exists(include / "wasm_export.h")) GTEST_SKIP() << include << " has no wasm_export.h";
  TempDir folder;
  std::string program =
      "#include <cstddef>\n#include <stdbool.h>\n#include <stdint.h>\nnamespace theirs {\n#include "
      "\"wasm_export.h\"\n}\n"
      "#include \"wamr/wamr_api.h\"\nnamespace ours = sgperf::wamr;\n"
      "#define SAME(type, member) static_assert(offsetof(ours::type, member) == offsetof(theirs::type, "
      "member) && sizeof(ours::type{}.member) == sizeof(theirs::type{}.member), #member);\n"
      "#define SIZE(type) static_assert(sizeof(ours::type) == sizeof(theirs::type), #type);\n"
      "SIZE(RuntimeInitArgs) SIZE(NativeSymbol) SIZE(wasm_import_t)\n";
  for (const char *member : {"mem_alloc_type", "mem_alloc_option", "native_symbols", "running_mode",
                             "llvm_jit_opt_level", "llvm_jit_size_level", "enable_linux_perf"})
    program += std::string("SAME(RuntimeInitArgs, ") + member + ")\n";
  for (const char *member : {"symbol", "func_ptr", "signature", "attachment"})
    program += std::string("SAME(NativeSymbol, ") + member + ")\n";
  for (const char *member : {"module_name", "name", "kind", "linked"})
    program += std::string("SAME(wasm_import_t, ") + member + ")\n";
  program += "static_assert(int(ours::Alloc_With_System_Allocator) == theirs::Alloc_With_System_Allocator);\n"
             "static_assert(int(ours::Mode_Interp) == theirs::Mode_Interp);\n"
             "static_assert(int(ours::Mode_LLVM_JIT) == theirs::Mode_LLVM_JIT);\n"
             "static_assert(int(ours::Wasm_Module_AoT) == theirs::Wasm_Module_AoT);\n"
             "static_assert(int(ours::WASM_LOG_LEVEL_FATAL) == theirs::WASM_LOG_LEVEL_FATAL);\n"
             // A function pointer of ours takes theirs where they agree, but for what is opaque: by sizes.
             "template <class R, class... A> constexpr size_t arguments(R (*)(A...)) {\n"
             "  size_t sizes = sizeof...(A); ((sizes = sizes * 17 + sizeof(A)), ...); return sizes; }\n"
             "#define CALL(result, name, ...) static_assert(arguments(decltype(ours::Api::name){}) == "
             "arguments(decltype(&theirs::name){}), #name);\n"
             "SGPERF_WAMR_REQUIRED(CALL)\n";
  write_file(folder.path() / "check.cc", program);
  Result result = run({"c++", "-std=c++20", "-fsyntax-only", "-w", "-I" + include.string(),
                       "-I" + (source_dir() / "engines").string(), (folder.path() / "check.cc").string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

} // namespace
} // namespace sgperf::test
