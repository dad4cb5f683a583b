// SPDX-License-Identifier: Apache-2.0
// Lines of modules against LLVM's own symbolizer, and how long they take.
#include "formats/demangle.h"
#include "formats/wasm_build.h"
#include "formats/wasm_lines.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <chrono>

namespace sgperf::formats {
namespace {

using namespace sgperf::test;
using Clock = std::chrono::steady_clock;

struct Guest {
  TempDir folder;
  std::string bytes, why;
  std::optional<WasmModule> module;
  std::unique_ptr<WasmLines> lines;

  explicit Guest(const std::string &source, const WasmBuild &build = {}) {
    bytes = build_wasm(folder.path(), source, why, build);
    if (bytes.empty()) return;
    module = parse_wasm_module(bytes, why);
    if (module) lines = WasmLines::open(bytes, *module, why);
  }
};

// What llvm-symbolizer says of each address of the code, as JSON.
nlohmann::json by_llvm(const Guest &guest, const std::vector<uint64_t> &addresses, std::string &why) {
  Options options;
  for (const uint64_t address : addresses) options.input += std::to_string(address) + "\n";
  const Result result = run({"llvm-symbolizer-16", "--output-style=JSON", "--inlines", "--no-demangle",
                             "--obj=" + (guest.folder.path() / "guest.wasm").string()},
                            options);
  nlohmann::json all = nlohmann::json::array();
  size_t at = 0;
  while (at < result.out.size()) {
    const size_t end = std::min(result.out.find('\n', at), result.out.size());
    if (end > at) all.push_back(nlohmann::json::parse(result.out.substr(at, end - at), nullptr, false));
    at = end + 1;
  }
  if (all.size() != addresses.size()) why = "llvm-symbolizer-16: " + result.err + result.out.substr(0, 200);
  return all;
}

void compare(const Guest &guest) {
  ASSERT_TRUE(guest.lines) << guest.why;
  std::vector<uint64_t> addresses;
  for (const WasmBody &body : guest.module->bodies)
    for (uint64_t at = body.offset; at < body.offset + body.size && addresses.size() < 3000; ++at)
      addresses.push_back(at - guest.module->code_payload);
  std::string why;
  const auto expected = by_llvm(guest, addresses, why);
  ASSERT_EQ(why, "");
  size_t with_line = 0, with_inlines = 0;
  for (size_t i = 0; i < addresses.size(); ++i) {
    const auto &frames = expected[i]["Symbol"];
    const SourcePlace *place = guest.lines->find(addresses[i] + guest.module->code_payload);
    const std::string at = "address " + std::to_string(addresses[i]) + ": " + frames.dump();
    // It gives one empty frame for what it does not know.
    const bool known = !frames.empty() && frames[0]["FileName"] != "";
    ASSERT_EQ(place != nullptr, known) << at;
    if (!known) continue;
    ASSERT_EQ(place->frames.size(), frames.size()) << at;
    for (size_t frame = 0; frame < frames.size(); ++frame) {
      const SourceFrame &ours = place->frames[frame];
      EXPECT_EQ(ours.function, frames[frame]["FunctionName"].get<std::string>()) << at;
      EXPECT_EQ(ours.file, frames[frame]["FileName"].get<std::string>()) << at;
      EXPECT_EQ(ours.line, frames[frame]["Line"].get<uint32_t>()) << at;
      EXPECT_EQ(ours.column, frames[frame]["Column"].get<uint32_t>()) << at;
      if (::testing::Test::HasFailure()) return;
    }
    with_line += place->frames[0].line != 0;
    with_inlines += frames.size() > 1;
  }
  EXPECT_GT(with_line, addresses.size() / 2);
  EXPECT_GT(with_inlines, 0u);
}

TEST(WasmLines, AsLlvmSaysOfC) {
  compare(Guest(guest_source));
}

TEST(WasmLines, AsLlvmSaysOfOptimizedDwarf5) {
  WasmBuild build;
  build.compile = {"-O2", "-gdwarf-5"};
  compare(Guest(guest_source, build));
}

TEST(WasmLines, AsLlvmSaysOfCpp) {
  WasmBuild build;
  build.name = "guest.cc";
  compare(Guest(R"(
extern "C" __attribute__((import_module("host"), import_name("tick"))) int tick(int);
namespace shapes {
template <typename T> struct Square {
  T side;
  __attribute__((always_inline)) T area() const { volatile T s = side; return s * s; }
  __attribute__((noinline)) static T twice(T x) { struct In { static int go(int y) { return tick(y) + 1; } }; return In::go(x) + x; }
};
__attribute__((noinline)) int sum(int n) {
  auto each = [n](int i) __attribute__((always_inline)) { return Square<int>{i}.area() + n; };
  int s = 0;
  for (int i = 0; i < n; ++i) s += each(i) + Square<int>::twice(i);
  return s;
}
}
extern "C" __attribute__((visibility("default"))) int run(int n) { return shapes::sum(n); }
)",
                build));
}

TEST(WasmLines, FunctionsThatWereRemovedTakeNoLines) {
  // The linker drops functions that nobody calls, and leaves their lines at an address that is none.
  WasmBuild build;
  build.compile = {"-O1", "-g", "-ffunction-sections"};
  build.link = {"--no-entry", "--export=run", "--gc-sections"};
  std::string source;
  for (int i = 0; i < 50; ++i)
    source += "int unused" + std::to_string(i) + "(int x) {\n  volatile int y = x;\n  return y * " + std::to_string(i) +
              ";\n}\n";
  compare(Guest(source + guest_source, build));
}

TEST(WasmLines, MissingIsSaid) {
  WasmBuild build;
  build.compile = {"-O1"};
  const Guest none(guest_source, build);
  EXPECT_FALSE(none.lines);
  EXPECT_NE(none.why.find("compile and link with -g"), std::string::npos) << none.why;
  // Cut in the middle of its debug sections, which stand behind the code.
  const Guest whole(guest_source);
  ASSERT_TRUE(whole.lines) << whole.why;
  const WasmCustomSection *info = whole.module->custom_section(".debug_info");
  ASSERT_NE(info, nullptr);
  const std::string cut = whole.bytes.substr(0, info->offset + info->size / 2);
  std::string why;
  const auto module = parse_wasm_module(cut, why);
  ASSERT_TRUE(module);
  EXPECT_FALSE(WasmLines::open(cut, *module, why));
  EXPECT_NE(why.find("is cut"), std::string::npos) << why;
}

TEST(WasmLines, OutsideOfCodeIsNothing) {
  const Guest guest(guest_source);
  ASSERT_TRUE(guest.lines) << guest.why;
  EXPECT_EQ(guest.lines->find(0), nullptr);
  EXPECT_EQ(guest.lines->find(guest.module->code_payload + guest.module->code_size), nullptr);
  EXPECT_EQ(guest.lines->find(UINT64_MAX), nullptr);
  const uint64_t inside = guest.module->bodies[1].offset + 8;
  const SourcePlace *place = guest.lines->find(inside);
  EXPECT_EQ(guest.lines->find(inside), place) << "the answer is kept";
}

TEST(WasmLines, TwoThousandLookupsInTenThousandFunctions) {
  std::string source;
  constexpr int functions = 10000;
  for (int i = 0; i < functions; ++i)
    source += "__attribute__((noinline)) int f" + std::to_string(i) +
              "(int x) {\n  int s = 0;\n  for (int k = 0; k < x; ++k)\n    s += k ^ " + std::to_string(i) +
              ";\n  return s;\n}\n";
  WasmBuild build;
  build.link = {"--no-entry", "--export-all"};
  const Guest guest(source, build);
  ASSERT_TRUE(guest.lines) << guest.why;
  ASSERT_GE(guest.module->bodies.size(), size_t{functions});
  double best = 1e9;
  for (int round = 0; round < 3; ++round) {
    const auto start = Clock::now();
    std::string why;
    const auto lines = WasmLines::open(guest.bytes, *guest.module, why);
    size_t found = 0;
    for (int i = 0; i < 2000; ++i) {
      const size_t index = static_cast<size_t>(i) * 5;
      const WasmBody &body = guest.module->bodies[index];
      const SourcePlace *place = lines->find(body.offset + (i % 2 ? body.size / 2 : 0));
      // Code in the middle may be the compiler's own (line 0), but it is this function's.
      found += place &&
               place->frames.back().function == guest.module->function_name(static_cast<uint32_t>(index)).name &&
               (i % 2 || place->frames.back().line > 0);
    }
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
    EXPECT_GE(found, 1999u) << "all but the linker's own constructor call";
  }
  RecordProperty("milliseconds", static_cast<int>(best * 1000));
  std::printf("2000 lookups over %d functions, the module's lines opened anew: %.1f ms\n", functions, best * 1e3);
  EXPECT_LE(best, 0.2);
}

} // namespace
} // namespace sgperf::formats
