// SPDX-License-Identifier: Apache-2.0
// What only the Wasmtime adapter has: versions, flags, declarations of our own.
#include "engine_run.h"

#include "wasmtime/wasmtime_api.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <regex>
#include <set>

namespace sgperf::test {
namespace {

Events create(const std::vector<std::string> &words) {
  TempDir folder;
  std::vector<std::string> all = {"work=" + folder.path().string(), "cache=" + folder.path().string()};
  all.insert(all.end(), words.begin(), words.end());
  all.push_back("create");
  all.push_back("describe");
  return drive(plugin("wasmtime"), all);
}

TEST(Wasmtime, OtherVersionsAreRefusedWithTheReason) {
  Events events = create({"lib=" + guest("libwasmtime_49.so").string()});
  EXPECT_TRUE(events.has("step create version-refused")) << events.all();
  std::string message = events.after("log0 ");
  EXPECT_NE(message.find("expected Wasmtime 50, found 49.0.3"), std::string::npos) << message;
  EXPECT_NE(message.find("structs of the C API differ"), std::string::npos) << message;
}

TEST(Wasmtime, ALibraryThatCrashesWhenAskedIsRefused) {
  Events events = create({"lib=" + guest("libwasmtime_crash.so").string()});
  EXPECT_TRUE(events.has("step create version-refused")) << events.all();
  EXPECT_NE(events.after("log0 ").find("crashed"), std::string::npos) << events.all();
}

TEST(Wasmtime, TheRightVersionWithMissingFunctionsIsRefused) {
  Events events = create({"lib=" + guest("libwasmtime_50.so").string()});
  EXPECT_TRUE(events.has("step create version-refused")) << events.all();
  EXPECT_NE(events.after("log0 ").find("it has no wasi_config_preopen_dir"), std::string::npos) << events.all();
}

TEST(Wasmtime, WhatIsNoWasmtimeIsRefused) {
  Events other = create({"lib=" + guest("native_guest.so").string()});
  EXPECT_FALSE(other.has("step create ok")) << other.all();
  Events absent = create({"lib=/nowhere/libwasmtime.so"});
  EXPECT_TRUE(absent.has("step create not-found")) << absent.all();
}

TEST(Wasmtime, SomebodysOwnBuildOfTheKnownVersionIsTaken) {
  TempDir folder;
  std::filesystem::path own = folder.path() / "libmain.so";
  if (std::string why = cannot_run("wasmtime"); !why.empty()) GTEST_SKIP() << why;
  std::filesystem::create_symlink(fetched_wasmtime() / "_libwasmtime.so", own);
  Events events = create({"lib=" + own.string()});
  EXPECT_EQ(events.process.exit_code, 0) << events.all();
  EXPECT_EQ(events.after("info ").substr(0, 3 + own.string().size()), "50|" + own.string()) << events.all();
}

TEST(Wasmtime, FlagsOfTheCommandLine) {
  if (std::string why = cannot_run("wasmtime"); !why.empty()) GTEST_SKIP() << why;
  for (const char *flags : {"-O opt-level=2", "-Oopt-level=s,memory-may-move=n", "-C compiler=winch",
                            "-C parallel-compilation=n -W simd,bulk-memory=y", "-W fuel=1000000", "-D debug-info",
                            "-C cranelift-enable_alias_analysis=false", "-C cache=n", "-W epoch-interruption=y",
                            "-W max-wasm-stack=262144", "-O memory-reservation=0,memory-guard-size=65536"}) {
    Events events = create({std::string("flags=") + flags});
    EXPECT_EQ(events.process.exit_code, 0) << flags << "\n" << events.all();
  }
  EXPECT_NE(create({"flags=-C compiler=winch"}).after("info ").find("|winch|"), std::string::npos);
  for (const char *flags : {"-O", "-O opt-level=9", "-W no-such-thing", "-W simd=maybe", "-W fuel=lots", "-X simd",
                            "plain", "-C cache=y", "--profile=vtune"}) {
    Events events = create({std::string("flags=") + flags});
    EXPECT_TRUE(events.has("step create flags")) << flags << "\n" << events.all();
    EXPECT_NE(events.after("log0 ").find("opt-level=0|1|2|s"), std::string::npos) << flags;
  }
}

TEST(Wasmtime, CompilerFlagsAndTiers) {
  if (std::string why = cannot_run("wasmtime"); !why.empty()) GTEST_SKIP() << why;
  const auto tier = [](const char *asked, const char *flags) {
    return create({std::string("tier=") + asked, std::string("flags=") + flags}).after("info ");
  };
  EXPECT_NE(tier("pulley", "-C parallel-compilation=n").find("|pulley|"), std::string::npos);
  EXPECT_NE(tier("cranelift-none", "-C compiler=cranelift").find("|cranelift-none|"), std::string::npos);
  EXPECT_NE(tier("pulley", "-C compiler=winch").find("|winch|"), std::string::npos);
  Events wrong = create({"tier=turbo"});
  EXPECT_TRUE(wrong.has("step create flags")) << wrong.all();
  EXPECT_NE(wrong.after("log0 ").find("cranelift,cranelift-none,winch,pulley"), std::string::npos) << wrong.all();
}

TEST(Wasmtime, FuelRunsOut) {
  if (std::string why = cannot_run("wasmtime"); !why.empty()) GTEST_SKIP() << why;
  TempDir folder;
  Events events = drive(plugin("wasmtime"), {"work=" + folder.path().string(), "flags=-W fuel=100", "create",
                                             "compile:" + guest("traps.wasm").string(), "instantiate", "invoke:deep"});
  EXPECT_TRUE(events.has("step invoke trap")) << events.all();
  EXPECT_NE(events.process.out.find("fuel"), std::string::npos) << events.all();
}

TEST(Wasmtime, TiersMakeOtherCode) {
  if (std::string why = cannot_run("wasmtime"); !why.empty()) GTEST_SKIP() << why;
  TempDir folder;
  std::map<std::string, std::string> sizes;
  for (const char *tier : {"cranelift", "cranelift-none", "winch", "pulley"})
    sizes[tier] = drive(plugin("wasmtime"), {std::string("tier=") + tier, "work=" + folder.path().string(), "create",
                                             "compile:" + guest("guest.wasm").string(), "module"})
                      .after("sizes ");
  std::set<std::string> different;
  for (const auto &[tier, size] : sizes) different.insert(size);
  EXPECT_EQ(different.size(), 4u) << sizes["cranelift"] << ", " << sizes["cranelift-none"] << ", " << sizes["winch"]
                                  << ", " << sizes["pulley"];
}

// ---- declarations

// One letter a type, by what matters to a call: p pointer, z size_t, 1 bool or byte, i int, 8 64-bit number, v nothing.
template <typename T> std::string kind() {
  if constexpr (std::is_void_v<T>)
    return "v";
  else if constexpr (std::is_pointer_v<T>)
    return "p";
  else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, uint8_t>)
    return "1";
  else if constexpr (std::is_same_v<T, int>)
    return "i";
  else if constexpr (sizeof(T) == 8)
    return "8"; // size_t and uint64_t are one type here
  else
    return "?";
}
template <typename Result, typename... Args> std::string kinds(Result (*)(Args...)) {
  return kind<Result>() + "(" + (kind<Args>() + ... + "") + ")";
}

std::string python_kind(std::string type) {
  while (type.starts_with(" ")) type.erase(0, 1);
  if (type == "None") return "v";
  if (type.starts_with("ctypes.POINTER") || type.starts_with("ctypes.CFUNCTYPE") || type == "ctypes.c_void_p" ||
      type == "wasmtime_func_unchecked_callback_t")
    return "p";
  if (type == "ctypes.c_bool" || type == "ctypes.c_uint8" || type == "wasm_valkind_t" ||
      type == "wasmtime_strategy_t" || type == "wasmtime_opt_level_t" || type == "wasmtime_profiling_strategy_t" ||
      type == "wasmtime_regalloc_algorithm_t")
    return "1";
  if (type == "ctypes.c_int") return "i";
  if (type == "ctypes.c_size_t" || type == "ctypes.c_uint64") return "8";
  return "?" + type;
}

// Splits at commas outside of parentheses.
std::vector<std::string> arguments(const std::string &list) {
  std::vector<std::string> out;
  int depth = 0;
  std::string word;
  for (char c : list) {
    if (c == '(') depth++;
    if (c == ')') depth--;
    if (c == ',' && depth == 0) {
      out.push_back(word);
      word.clear();
    } else {
      word += c;
    }
  }
  if (!word.empty()) out.push_back(word);
  return out;
}

TEST(WasmtimeSignatures, AgreeWithThePythonPackage) {
  if (std::string why = cannot_run("wasmtime"); !why.empty()) GTEST_SKIP() << why;
  std::string bindings = read_file(fetched_wasmtime() / "_bindings.py");
  ASSERT_FALSE(bindings.empty()) << "expected " << fetched_wasmtime() / "_bindings.py"
                                 << ": ./dev test fetches it";
  std::map<std::string, std::string> results, args;
  std::istringstream text(bindings);
  for (std::string line; std::getline(text, line);) {
    size_t at;
    if (line[0] != '_') continue;
    if ((at = line.find(".restype = ")) != std::string::npos) results[line.substr(1, at - 1)] = line.substr(at + 11);
    if ((at = line.find(".argtypes = [")) != std::string::npos)
      args[line.substr(1, at - 1)] = line.substr(at + 13, line.rfind(']') - at - 13);
  }
  ASSERT_GT(results.size(), 600u) << "the package's signatures were not understood";

  int compared = 0;
  auto compare = [&](const char *name, const std::string &ours) {
    ASSERT_TRUE(results.count(name) && args.count(name)) << name << " is not in the package";
    std::string theirs = python_kind(results[name]) + "(";
    for (const std::string &type : arguments(args[name])) theirs += python_kind(type);
    EXPECT_EQ(ours, theirs + ")") << name;
    compared++;
  };
  wasmtime::Api api;
#define COMPARE(result, name, ...) compare(#name, kinds(api.name));
  SGPERF_WASMTIME_REQUIRED(COMPARE)
  SGPERF_WASMTIME_OPTIONAL(COMPARE)
#undef COMPARE
  EXPECT_GT(compared, 75);

  // The structs that are passed by address and read by us.
  auto fields = [&](const std::string &name) {
    size_t begin = bindings.find("class " + name + "("), list = bindings.find("_fields_ = [", begin),
           end = bindings.find("    ]", list);
    std::string out;
    for (size_t at = bindings.find(", ", list); begin != std::string::npos && at < end;
         at = bindings.find(", ", at + 1))
      out += bindings.substr(at + 2, bindings.find("),", at) - at - 2) + ";";
    return out;
  };
  EXPECT_EQ(fields("wasm_byte_vec_t"), "ctypes.c_size_t;ctypes.POINTER(wasm_byte_t);");
  EXPECT_EQ(fields("wasm_valtype_vec_t"), "ctypes.c_size_t;ctypes.POINTER(ctypes.POINTER(wasm_valtype_t));");
  EXPECT_EQ(fields("wasmtime_func"), "ctypes.c_uint64;ctypes.c_void_p;");
  EXPECT_EQ(fields("wasmtime_instance"), "ctypes.c_uint64;ctypes.c_size_t;");
  EXPECT_EQ(fields("wasmtime_memory_anon_0"), "ctypes.c_uint64;ctypes.c_uint32;");
  EXPECT_EQ(fields("wasmtime_memory"), "wasmtime_memory_anon_0;ctypes.c_uint32;");
  EXPECT_EQ(fields("wasmtime_extern"), "wasmtime_extern_kind_t;wasmtime_extern_union_t;");
  EXPECT_EQ(
      fields("wasmtime_val_raw"),
      "ctypes.c_int32;ctypes.c_int64;ctypes.c_float;ctypes.c_double;wasmtime_v128;ctypes.c_uint32;ctypes.c_uint32;"
      "ctypes.c_uint32;ctypes.c_void_p;");
}

} // namespace
} // namespace sgperf::test
