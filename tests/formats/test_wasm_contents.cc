// SPDX-License-Identifier: Apache-2.0
// What a module is made of: by hand, and against wabt's disassembler.
#include "formats/wasm_build.h"
#include "formats/wasm_contents.h"
#include "formats/wasm_difference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <sstream>

namespace sgperf::formats {
namespace {

using namespace sgperf::test;
using Category = WasmCategory;
using Group = WasmGroup;

WasmContents contents(const std::string &bytes) {
  std::string error;
  auto out = read_wasm_contents(bytes, error);
  EXPECT_TRUE(out) << error;
  return out ? *out : WasmContents{};
}

// Many features in six functions, by wat2wasm; `wasm-objdump -x -d` shows what is counted below.
std::string features_module() {
  return read_file(source_dir() / "tests/fuzz/seeds/wasm-contents/features");
}

TEST(WasmContents, EntitiesByHand) {
  const WasmContents found = contents(features_module());
  EXPECT_TRUE(found.damage.empty());
  EXPECT_EQ(found.unknown_functions, 0u) << found.unknown;
  EXPECT_EQ(found.functions, 6u);
  EXPECT_EQ(found.module.imported_functions.size(), 1u);
  EXPECT_EQ(found.imports.size(), 3u);
  EXPECT_EQ(found.imports[1].name, "depth");
  EXPECT_STREQ(import_kind(found.imports[1].kind), "global");
  EXPECT_STREQ(import_kind(found.imports[2].kind), "table");
  EXPECT_EQ(found.tables, 1u);
  EXPECT_EQ(found.all_tables.size(), 2u);
  EXPECT_EQ(found.all_tables[0].minimum, 3u);
  EXPECT_EQ(found.all_tables[1].maximum, 4u);
  EXPECT_EQ(found.memories, 1u);
  EXPECT_EQ(found.all_memories[0].minimum, 2u);
  EXPECT_EQ(found.all_memories[0].maximum, 16u);
  EXPECT_EQ(found.globals, 2u);
  EXPECT_EQ(found.tags, 1u);
  EXPECT_EQ(found.element_segments, 2u);
  EXPECT_EQ(found.elements, 4u);
  EXPECT_EQ(found.data_segments, 2u);
  EXPECT_EQ(found.data_bytes, 12u);
  EXPECT_EQ(found.passive_segments, 2u);
  EXPECT_TRUE(found.has_start);
  EXPECT_EQ(found.locals, 4u);
  EXPECT_TRUE(found.has_names());
  EXPECT_FALSE(found.has_dwarf());
  EXPECT_EQ(found.features,
            (std::vector<std::string>{"mutable-globals", "sign-ext", "nontrapping-fptoint", "multivalue", "bulk-memory",
                                      "reference-types", "simd128", "tail-call", "exception-handling"}));
  const auto type =
      std::find_if(found.sections.begin(), found.sections.end(), [](const auto &one) { return one.name == "type"; });
  ASSERT_NE(type, found.sections.end());
  EXPECT_EQ(type->entries, found.types);
  EXPECT_TRUE(found.sections.back().custom);
  EXPECT_EQ(found.sections.back().name, "name");
  const auto largest = found.largest(2);
  ASSERT_EQ(largest.size(), 2u);
  EXPECT_EQ(found.module.function_name(largest[0]).name, "tables");
  EXPECT_EQ(found.largest(99).size(), 6u);
}

TEST(WasmContents, MixByHand) {
  const WasmContents found = contents(features_module());
  const auto categories = wasm_categories(found.operators);
  const auto groups = wasm_groups(found.operators);
  EXPECT_EQ(categories[Category::unreachable], 1u);
  EXPECT_EQ(categories[Category::control_exception], 1u);
  EXPECT_EQ(categories[Category::control_call], 3u) << "call, call_indirect, return_call";
  EXPECT_EQ(groups[Group::call], 2u);
  EXPECT_EQ(groups[Group::indirect_call], 1u);
  EXPECT_EQ(categories[Category::global_variable], 1u);
  EXPECT_EQ(categories[Category::table], 1u);
  EXPECT_EQ(categories[Category::memory_size], 1u);
  EXPECT_EQ(categories[Category::memory_grow], 1u);
  EXPECT_EQ(categories[Category::memory_load], 2u) << "one of them of a vector";
  EXPECT_EQ(categories[Category::memory_store], 2u);
  EXPECT_EQ(categories[Category::memory_other], 2u) << "copy and init";
  EXPECT_EQ(categories[Category::vector], 1u);
  EXPECT_EQ(categories[Category::select], 1u);
  EXPECT_EQ(categories[Category::numeric_float], 5u) << "2 constants, mul, convert, lt";
  EXPECT_EQ(groups[Group::floating], 2u);
  EXPECT_EQ(groups[Group::conversion], 3u) << "extend8, trunc_sat, convert";
  EXPECT_EQ(groups[Group::memory], 4u);
  EXPECT_EQ(groups[Group::vector], 1u);
  EXPECT_EQ(groups[Group::reference], 1u);
}

// Categories by what an instruction is called, without its number.
Category category_of(const std::string &name) {
  const auto is = [&](const char *expression) { return std::regex_match(name, std::regex(expression)); };
  if (is("unreachable")) return Category::unreachable;
  if (is("nop|drop")) return Category::nop;
  if (is("select")) return Category::select;
  if (is("(return_)?call.*")) return Category::control_call;
  if (is("try|catch.*|throw.*|rethrow|delegate")) return Category::control_exception;
  if (is("block|loop|if|else|end|br|br_if|br_table|return")) return Category::control_branch;
  if (is("local\\..*")) return Category::local_variable;
  if (is("global\\..*")) return Category::global_variable;
  if (is("table\\..*|elem\\.drop")) return Category::table;
  if (is("memory\\.size")) return Category::memory_size;
  if (is("memory\\.grow")) return Category::memory_grow;
  if (is("memory\\..*|data\\.drop|.*\\.atomic\\.rmw.*|atomic\\.fence")) return Category::memory_other;
  if (is("[a-z0-9]+\\.(atomic\\.)?load.*")) return Category::memory_load;
  if (is("[a-z0-9]+\\.(atomic\\.)?store.*")) return Category::memory_store;
  if (is("ref\\..*")) return Category::ref;
  if (is("(v128|[if][0-9]+x[0-9]+)\\..*")) return Category::vector;
  if (is("i(32|64)\\..*")) return Category::numeric_integer;
  if (is("f(32|64)\\..*")) return Category::numeric_float;
  ADD_FAILURE() << "what is " << name << "?";
  return Category::count;
}

const char *const mixed_source = R"(
typedef int v4 __attribute__((vector_size(16)));
#define EXPORT __attribute__((visibility("default")))
static int (*volatile table[4])(int);
static int one(int x) { return x + 1; }
static int two(int x) { return x * 2; }
static double numbers[100];
static v4 vectors[100];
static unsigned shared;
EXPORT double work(int n, double d, float f, long long l) {
  table[0] = one, table[1] = two;
  double sum = __builtin_sqrt(d) + f;
  for (int i = 0; i < n; ++i) {
    sum += table[i & 1](i) / (d + i) + (float)l;
    numbers[i] = sum;
    vectors[i] = vectors[i] * vectors[n - i] + (v4){1, 2, 3, 4};
    shared += (unsigned)i >> 3 ^ (unsigned)__builtin_ctz(i | 1) ^ (unsigned)__builtin_popcountll(l);
    if (sum > 1e30) __builtin_trap();
    switch (i % 7) {
    case 0: l += (long long)sum; break;
    case 1: l ^= (signed char)l; break;
    case 2: l -= (int)f; break;
    case 3: l *= 3; break;
    case 4: __builtin_memcpy(numbers, numbers + 50, 400); break;
    default: l = i > n / 2 ? l : -l;
    }
  }
  return sum + shared + __builtin_wasm_memory_grow(0, 1) + __builtin_wasm_memory_size(0);
}
)";

TEST(WasmContents, MixIsThatOfTheDisassembler) {
  const TempDir folder;
  const std::vector<std::vector<std::string>> flags{
      {"-O2", "-msimd128", "-mbulk-memory"}, {"-O0"}, {"-O1", "-g", "-mnontrapping-fptoint", "-msign-ext"}};
  for (const auto &compile : flags) {
    std::string why;
    WasmBuild build;
    build.compile = compile;
    build.link = {"--no-entry", "--export-dynamic", "--allow-undefined"};
    const std::string bytes = build_wasm(folder.path(), mixed_source, why, build);
    ASSERT_FALSE(bytes.empty()) << why;
    const WasmContents found = contents(bytes);
    EXPECT_EQ(found.unknown_functions, 0u) << found.unknown;
    const Result dump = run({"wasm-objdump", "-d", folder.path() / "guest.wasm"});
    ASSERT_EQ(dump.exit_code, 0) << dump.err;
    std::map<Category, uint64_t> expected;
    uint64_t total = 0;
    std::istringstream lines(dump.out);
    // " 0000cf: 02 40                      | block"; a line of bytes alone goes on from the one before.
    static const std::regex line(R"(^ [0-9a-f]+: [0-9a-f ]+\| *([a-z][a-z0-9_.]*).*)");
    std::smatch match;
    for (std::string text; std::getline(lines, text);) {
      if (!std::regex_match(text, match, line) || text.find("| local[") != std::string::npos) continue;
      ++expected[category_of(match[1])];
      ++total;
    }
    EXPECT_GT(total, 100u);
    EXPECT_EQ(found.operators.total, total);
    const auto mix = wasm_categories(found.operators);
    for (size_t i = 0; i < mix.counts.size(); ++i) {
      const auto category = static_cast<Category>(i);
      EXPECT_EQ(mix[category], expected[category]) << to_text(category);
    }
    EXPECT_EQ(found.has_dwarf(), compile.size() > 2 && compile[1] == "-g");
    EXPECT_EQ(found.debug_bytes() > 0, found.has_dwarf());
    EXPECT_TRUE(std::any_of(found.producers.begin(), found.producers.end(), [](const std::string &one) {
      return one.starts_with("processed-by: ") && one.find("clang") != std::string::npos;
    }));
    const auto says = [&](const char *feature) {
      return std::find(found.features.begin(), found.features.end(), feature) != found.features.end();
    };
    EXPECT_EQ(says("simd128"), compile[0] == "-O2");
    EXPECT_EQ(says("nontrapping-fptoint"), compile[0] == "-O1");
    if (compile[0] == "-O2") {
      EXPECT_NE(std::find(found.declared.begin(), found.declared.end(), "+simd128"), found.declared.end());
    }
  }
}

TEST(WasmContents, WhatIsNotKnownCostsItsFunctionOnly) {
  std::string bytes = features_module();
  const WasmContents whole = contents(bytes);
  const WasmBody body = whole.module.bodies[1];
  const std::string cut = bytes.substr(body.offset, body.size);
  bytes[body.offset + 3] = '\xe0'; // its first instruction behind the locals
  const WasmContents found = contents(bytes);
  EXPECT_EQ(found.unknown_functions, 1u);
  EXPECT_NE(found.unknown.find("0xe0"), std::string::npos) << found.unknown;
  EXPECT_EQ(found.functions, whole.functions);
  EXPECT_EQ(found.operators.total + 25, whole.operators.total) << "the function has that many";
  EXPECT_EQ(found.locals + 1, whole.locals);
  EXPECT_EQ(found.data_bytes, whole.data_bytes) << "what comes later is read";
}

TEST(WasmContents, DamageIsSaid) {
  const std::string bytes = features_module();
  std::string error;
  EXPECT_FALSE(read_wasm_contents("", error));
  EXPECT_NE(error.find("empty"), std::string::npos);
  EXPECT_FALSE(read_wasm_contents(std::string("\0asm\x0d\0\1\0", 8), error));
  EXPECT_NE(error.find("component"), std::string::npos) << error;
  const WasmContents cut = contents(bytes.substr(0, bytes.size() - 5));
  ASSERT_EQ(cut.damage.size(), 1u);
  EXPECT_NE(cut.damage[0].find("beyond the end"), std::string::npos);
  EXPECT_EQ(cut.functions, 6u);
  // A type that nobody knows.
  std::string later = bytes;
  const size_t type = later.find('\x60');
  later[type] = '\x11';
  const WasmContents odd = contents(later);
  ASSERT_FALSE(odd.damage.empty());
  EXPECT_NE(odd.damage[0].find("0x11"), std::string::npos) << odd.damage[0];
  EXPECT_EQ(odd.operators.total, contents(bytes).operators.total);
}

// Structs, arrays and casts: wabt 1.0.32 cannot assemble the instructions, so they are written by their bytes.
TEST(WasmContents, GarbageCollectedTypes) {
  using namespace std::string_literals;
  const std::string types = "\x02"s // a group of two: a struct {i32, mut i8} with a supertype, an array of f64
                            "\x4e\x02\x50\x00\x5f\x02\x7f\x00\x78\x01\x5e\x7c\x01"s +
                            "\x60\x00\x00"s;
  const std::string code = "\x01"s + "\x12"s +
                           "\x00"s                             // one body of 18 bytes, no locals
                           "\xfb\x01\x00\xfb\x02\x00\x00\x1a"s // struct.new_default 0; struct.get 0 0; drop
                           "\x41\x07\xfb\x1c\xfb\x1d\x1a"s     // i32.const 7; ref.i31; i31.get_s; drop
                           "\x01\x0b"s;                        // nop; end
  const auto section = [](char id, const std::string &payload) {
    return std::string(1, id) + static_cast<char>(payload.size()) + payload;
  };
  const WasmContents found =
      contents("\0asm\1\0\0\0"s + section(1, types) + section(3, "\x01\x02"s) + section(10, code));
  EXPECT_TRUE(found.damage.empty()) << found.damage[0];
  EXPECT_EQ(found.unknown_functions, 0u) << found.unknown;
  const auto mix = wasm_categories(found.operators);
  EXPECT_EQ(mix[Category::aggregate_new], 1u);
  EXPECT_EQ(mix[Category::aggregate_get], 1u);
  EXPECT_EQ(mix[Category::i31], 2u);
  EXPECT_EQ(mix[Category::nop], 3u);
  EXPECT_EQ(found.operators.total, 9u);
  EXPECT_EQ(found.features, (std::vector<std::string>{"gc"}));
}

TEST(WasmDifference, SectionsAndFunctionsByName) {
  const std::string one = features_module();
  EXPECT_TRUE(wasm_differences(one, one).empty());
  const WasmContents found = contents(one);
  std::string other = one;
  const WasmBody body = found.module.bodies[1]; // "numbers"
  ++other[body.offset + 4];                     // its first constant
  other[other.find("hello")] = 'j';
  auto lines = wasm_differences(one, other);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[0].starts_with("code: ")) << lines[0];
  EXPECT_NE(lines[0].find("1 of 6 functions differ, the first is numbers"), std::string::npos) << lines[0];
  EXPECT_TRUE(lines[1].starts_with("data: ")) << lines[1];
  EXPECT_NE(lines[1].find("file offset 0x"), std::string::npos);
  // A custom section more, twice of one name.
  const std::string custom("\0\4\2abX", 6);
  lines = wasm_differences(one, one + custom + custom);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], "custom ab: only in the second");
  EXPECT_EQ(lines[1], "custom ab (2): only in the second");
  EXPECT_EQ(wasm_differences(one + custom, one)[0], "custom ab: only in the first");
  EXPECT_NE(wasm_differences(one, "text")[0].find("the file: "), std::string::npos);
  EXPECT_NE(wasm_differences(one, one.substr(0, one.size() - 3)).back().find("behind the last whole section"),
            std::string::npos);
  // The same content, a size written in two bytes instead of one.
  std::string longer = one.substr(0, 8) + one[8] + static_cast<char>(one[9] | 0x80) + '\0' + one.substr(10);
  EXPECT_NE(wasm_differences(one, longer)[0].find("how their sizes are written"), std::string::npos);
}

} // namespace
} // namespace sgperf::formats
