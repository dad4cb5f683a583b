// SPDX-License-Identifier: Apache-2.0
// Any library with the standard wasm-c-api: what is taken and what is refused.
#include "header_check.h"

#include <gtest/gtest.h>

namespace sgperf::test {
namespace {

Events create(const std::string &library, std::vector<std::string> steps = {"create", "describe"}) {
  TempDir folder;
  std::vector<std::string> all = {"work=" + folder.path().string()};
  if (!library.empty()) all.push_back("lib=" + library);
  all.insert(all.end(), steps.begin(), steps.end());
  return drive(plugin("wasm-c-api"), all);
}

std::string installed(const char *file) {
  return (installed_engines() / file).string();
}

TEST(WasmCApi, WithoutALibraryItSaysWhatItWants) {
  Events events = create("");
  EXPECT_TRUE(events.has("step create not-found")) << events.all();
  EXPECT_NE(events.after("log0 ").find("expected lib=PATH"), std::string::npos) << events.all();
  Events absent = create("/nowhere/libwasm.so");
  EXPECT_TRUE(absent.has("step create not-found")) << absent.all();
  EXPECT_NE(absent.after("log0 ").find("/nowhere/libwasm.so"), std::string::npos) << absent.all();
}

TEST(WasmCApi, WhatHasOtherFunctionsIsRefused) {
  Events events = create(guest("libwasmer_6.so").string());
  EXPECT_TRUE(events.has("step create version-refused")) << events.all();
  EXPECT_NE(events.after("log0 ").find("it has no wasm_config_new"), std::string::npos) << events.all();
}

TEST(WasmCApi, VectorsOfAnotherLayoutAreRefused) {
  std::vector<std::string> libraries = {guest("libodd_wasm_c_api.so").string()};
  if (std::filesystem::exists(installed("wamr-2.4.3/libiwasm.so")))
    libraries.push_back(installed("wamr-2.4.3/libiwasm.so"));
  else
    std::puts("WAMR is not installed: tried with a fixture only");
  for (const std::string &library : libraries) {
    Events events = create(library);
    EXPECT_TRUE(events.has("step create version-refused")) << events.all();
    EXPECT_NE(events.after("log0 ").find("more fields than size and data"), std::string::npos) << events.all();
  }
}

TEST(WasmCApi, WhetherALibrarySerialisesIsTriedWhereItMayCrash) {
  if (std::string why = cannot_run("wasmi"); !why.empty()) GTEST_SKIP() << why;
  TempDir folder;
  Events events = create(installed("wasmi-2.0.0/libwasmi.so"),
                         {"create", "compile:" + guest("guest.wasm").string(),
                          "?serialize:" + (folder.path() / "artefact").string(),
                          "?deserialize:" + (folder.path() / "artefact").string(), "instantiate", "invoke:add:i1,i2"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_TRUE(events.has("step serialize unsupported")) << events.all();
  EXPECT_TRUE(events.has("step deserialize unsupported")) << events.all();
  EXPECT_NE(events.after("log0 ").find("when asked to serialise an empty module"), std::string::npos) << events.all();
  EXPECT_EQ(events.process.err, ""); // the panic of the one that tried
  EXPECT_EQ(events.after("result "), "i3");
}

TEST(WasmCApi, AnotherEnginesLibraryRunsAsWell) {
  if (std::string why = cannot_run("wasmer", "llvm"); !why.empty()) GTEST_SKIP() << why;
  TempDir folder;
  const std::string file = (folder.path() / "artefact").string();
  Events events = create(installed("wasmer-llvm-7.4.2/libwasmer.so"),
                         {"create", "compile:" + guest("guest.wasm").string(), "serialize:" + file, "free_module",
                          "deserialize:" + file, "instantiate", "invoke:add:i1,i2"});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(events.after("result "), "i3");
}

TEST(WasmCApi, FlagsAndTiersThereAreNone) {
  EXPECT_TRUE(create("x", {"flags=-W simd", "create"}).has("step create flags"));
  EXPECT_TRUE(create("x", {"tier=interp", "create"}).has("step create flags"));
}

TEST(WasmCApi, DeclarationsAgreeWithTheStandardHeader) {
  int compared = 0;
  for (const char *include : {"wasmi-2.0.0/include", "wasmer-7.4.2/include", "wasmer-llvm-7.4.2/include"}) {
    if (!std::filesystem::exists(installed_engines() / include / "wasm.h")) continue;
    compared++;
    EXPECT_EQ(
        disagreement(installed_engines() / include, "wasm.h", "wasm-c-api/api.h", "sgperf::wasm_c_api::Api",
                     {"SGPERF_WASM_REQUIRED", "SGPERF_WASM_OPTIONAL"},
                     "static_assert(sizeof(wasm_val_t) == sizeof(sgperf::wasm_c_api::wasm_val_t));\n"
                     "static_assert(sizeof(wasm_extern_vec_t) == sizeof(sgperf::wasm_c_api::wasm_extern_vec_t));\n"
                     "static_assert(WASM_EXTERN_MEMORY == sgperf::wasm_c_api::extern_memory);\n"
                     "static_assert(WASM_I32 == 0 && WASM_I64 == 1 && WASM_F32 == 2 && WASM_F64 == 3);\n"),
        "")
        << include;
  }
  if (!compared) GTEST_SKIP() << "no installed engine brings a wasm.h (`sgperf engines install wasmi`)";
}

TEST(WasmCApi, DisagreementsAreSeen) {
  TempDir folder;
  std::ofstream(folder.path() / "odd.h") << "extern \"C\" int first(void *, long); extern \"C\" void second(int);\n";
  std::ofstream(folder.path() / "own.h") << "struct Own { int (*first)(char *, long); void (*second)(long); };\n"
                                            "#define FIRST(X) X(int, first, char *, long)\n"
                                            "#define SECOND(X) X(void, second, long)\n";
  const std::string own = (folder.path() / "own.h").string();
  EXPECT_EQ(disagreement(folder.path(), "odd.h", own, "Own", {"FIRST"}), "");
  EXPECT_NE(disagreement(folder.path(), "odd.h", own, "Own", {"SECOND"}).find("second"), std::string::npos);
}

} // namespace
} // namespace sgperf::test
