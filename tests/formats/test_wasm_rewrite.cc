// SPDX-License-Identifier: Apache-2.0
// Modules with the marks of a benchmark, rewritten: valid, the same but for the marks, and with their lines.
#include "formats/wasm_build.h"
#include "formats/wasm_lines.h"
#include "formats/wasm_module.h"
#include "formats/wasm_operators.h"
#include "formats/wasm_rewrite.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace sgperf::formats {
namespace {

using namespace sgperf::test;

const WasmMark write_start{WasmMark::Call::write, 0x5042, 0x5347}, write_end{WasmMark::Call::write, 0x5045, 0x5347},
    sleep_start{WasmMark::Call::sleep, 853, 0}, sleep_end{WasmMark::Call::sleep, 857, 0};

// Not --enable-all: typed function references of wabt 1.0.32 refuse plain ones.
std::vector<std::string> wabt(const char *tool) {
  return {tool,
          "--enable-exceptions",
          "--enable-threads",
          "--enable-tail-call",
          "--enable-memory64",
          "--enable-multi-memory",
          "--enable-relaxed-simd"};
}

// What wabt says of a module; empty: it is valid.
std::string invalid(const TempDir &folder, const std::string &bytes) {
  write_file(folder.path() / "check.wasm", bytes);
  auto command = wabt("wasm-validate");
  command.push_back(folder.path() / "check.wasm");
  const Result result = run(command);
  return result.exit_code == 0 ? "" : result.err + result.out;
}

std::string assembled(const TempDir &folder, const std::string &text, bool gc = false) {
  write_file(folder.path() / "m.wat", text);
  auto command = wabt("wat2wasm");
  if (gc) command.push_back("--enable-gc");
  command.insert(command.end(), {"--debug-names", folder.path() / "m.wat", "-o", folder.path() / "m.wasm"});
  const Result result = run(command);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return result.exit_code == 0 ? read_file(folder.path() / "m.wasm") : "";
}

std::optional<RewrittenModule> rewritten(const std::string &bytes, bool sleeps = false) {
  std::string error;
  auto out = replace_bench_imports(bytes, sleeps ? sleep_start : write_start, sleeps ? sleep_end : write_end, error);
  EXPECT_TRUE(out) << error;
  return out;
}

std::string refused(const std::string &bytes) {
  std::string error;
  EXPECT_FALSE(replace_bench_imports(bytes, write_start, write_end, error));
  return error;
}

WasmModule parsed(const std::string &bytes) {
  std::string error;
  auto out = parse_wasm_module(bytes, error);
  EXPECT_TRUE(out) << error;
  return out.value_or(WasmModule());
}

const std::string marks = R"((import "bench" "start" (func $start)) (import "bench" "end" (func $end)))";

const char *const bench_source = R"(
#define BENCH(name) __attribute__((import_module("bench"), import_name(name)))
BENCH("start") void bench_start(void);
BENCH("end") void bench_end(void);
volatile int sum;
static __attribute__((noinline)) int fib(int n) {
  if (n < 2) return n;
  return fib(n - 1) + fib(n - 2);
}
__attribute__((export_name("_start"))) void run(void) {
  for (int i = 0; i < 3; ++i) {
    bench_start();
    sum += fib(i);
    bench_end();
  }
}
)";

// Linkers leave room for any index: nothing moves, and every tool that reads the module's DWARF goes on doing so.
TEST(WasmRewrite, CompiledModuleKeepsEveryOffsetAndLine) {
  const TempDir folder;
  std::string why;
  WasmBuild build;
  build.link = {"--no-entry"};
  const std::string before = build_wasm(folder.path(), bench_source, why, build);
  ASSERT_FALSE(before.empty()) << why;
  for (const bool sleeps : {false, true}) {
    const auto out = rewritten(before, sleeps);
    ASSERT_TRUE(out);
    EXPECT_EQ(invalid(folder, out->bytes), "");
    EXPECT_EQ(out->calls, 2u);
    EXPECT_TRUE(out->offsets.all_in_place());
    ASSERT_EQ(out->notes.size(), 1u) << "this one had nothing of WASI";
    EXPECT_NE(out->notes[0].find("wasi_snapshot_preview1"), std::string::npos);
    const WasmModule old = parsed(before), now = parsed(out->bytes);
    EXPECT_EQ(now.function_count(), old.function_count() + 2);
    EXPECT_EQ(now.imported_functions.size(), old.imported_functions.size());
    for (const WasmImport &import : now.imported_functions) {
      EXPECT_EQ(import.module, "wasi_snapshot_preview1");
      EXPECT_EQ(import.name, sleeps ? "poll_oneoff" : "fd_write");
    }
    const uint32_t last = static_cast<uint32_t>(now.function_count()) - 1;
    EXPECT_EQ(now.function_name(last).name, "bench.end");
    EXPECT_EQ(now.function_name(last - 1).name, "bench.start");
    EXPECT_EQ(now.function_name(0).name,
              sleeps ? "wasi_snapshot_preview1.poll_oneoff" : "wasi_snapshot_preview1.fd_write");
    EXPECT_EQ(now.exported_function("_start"), old.exported_function("_start"));
    ASSERT_NE(now.custom_section(marks_section), nullptr);
    const auto old_lines = WasmLines::open(before, old, why), now_lines = WasmLines::open(out->bytes, now, why);
    ASSERT_TRUE(old_lines && now_lines) << why;
    size_t with_line = 0;
    for (size_t body = 0; body < old.bodies.size(); ++body) {
      ASSERT_EQ(now.bodies[body].offset - now.code_payload, old.bodies[body].offset - old.code_payload);
      ASSERT_EQ(now.bodies[body].size, old.bodies[body].size);
      for (uint64_t at = 0; at < old.bodies[body].size; ++at) {
        const SourcePlace *a = old_lines->find(old.bodies[body].offset + at),
                          *b = now_lines->find(now.bodies[body].offset + at);
        ASSERT_EQ(a == nullptr, b == nullptr);
        if (!a) continue;
        EXPECT_EQ(a->frames[0].line, b->frames[0].line);
        with_line += a->frames[0].line > 0;
      }
    }
    EXPECT_GT(with_line, 50u);
    for (size_t body = old.bodies.size(); body < now.bodies.size(); ++body)
      EXPECT_EQ(now_lines->find(now.bodies[body].offset + 5), nullptr) << "a mark has no line";
  }
}

// 300 functions and indices of one byte: those of the marks take two afterwards.
std::string crowded(const TempDir &folder) {
  std::string text = "(module " + marks + R"(
    (import "host" "other" (func $other))
    (table $t 9 funcref) (memory 1) (start $end)
    (global $g funcref (ref.func $start))
    (elem (table $t) (i32.const 0) func $start $other $end)
    (elem $d declare func $end)
    (elem $p funcref (ref.func $end) (ref.null func) (ref.func $other))
    (export "mark" (func $start)) (export "memory" (memory 0))
    (func $f (export "_start") (local i32 f64)
      call $other call $start
      (block (br_if 0 (local.get 0)) call $start)
      (drop (ref.func $end))
      (if (i32.const 1) (then call $end) (else call $other))
      (call_indirect (type 0) (i32.const 0)) call $end)
    (func $tail return_call $end)
)";
  for (int i = 0; i < 300; ++i)
    text += "(func (param i32) (result i32) local.get 0 i32.const " + std::to_string(i * 77) + " i32.add)\n";
  return assembled(folder, text + ")");
}

TEST(WasmRewrite, IndicesThatDoNotFitMoveCodeAndTheMapSaysFromWhere) {
  const TempDir folder;
  const std::string before = crowded(folder);
  ASSERT_FALSE(before.empty());
  const auto out = rewritten(before);
  ASSERT_TRUE(out);
  EXPECT_EQ(invalid(folder, out->bytes), "");
  EXPECT_EQ(out->calls, 6u + 7u) << "in code; start, global, four in elements, export";
  EXPECT_FALSE(out->offsets.all_in_place());
  const WasmModule old = parsed(before), now = parsed(out->bytes);
  ASSERT_EQ(now.bodies.size(), old.bodies.size() + 2);
  // Each function begins where the map says, and its bytes are the same but for the indices of the marks.
  size_t different = 0, same = 0;
  std::set<uint64_t> reached;
  for (uint64_t at = 0; at < now.code_size; ++at) {
    const auto from = out->offsets.before(at);
    if (!from) continue;
    ASSERT_LT(*from, old.code_size);
    reached.insert(*from);
    const bool equal = out->bytes[now.code_payload + at] == before[old.code_payload + *from];
    (equal ? same : different)++;
  }
  EXPECT_GT(same, old.code_size - 30);
  EXPECT_LE(different, 6u * 2 + 4) << "six indices of two bytes, two sizes of functions, the count of functions";
  EXPECT_EQ(reached.size(), old.code_size - 2) << "all but the count of functions";
  for (size_t i = 0; i < old.bodies.size(); ++i)
    EXPECT_EQ(out->offsets.before(now.bodies[i].offset - now.code_payload), old.bodies[i].offset - old.code_payload)
        << i;
  EXPECT_EQ(out->offsets.before(now.bodies[old.bodies.size()].offset - now.code_payload), std::nullopt);
  EXPECT_EQ(now.bodies[0].size, old.bodies[0].size + 5) << "five uses of two bytes instead of one";
  EXPECT_EQ(now.bodies[1].size, old.bodies[1].size + 1);
  EXPECT_EQ(now.exported_function("mark"), now.function_count() - 2);
  // The same is in the module.
  const WasmCustomSection *section = now.custom_section(CodeOffsets::section_name);
  ASSERT_NE(section, nullptr);
  std::string error;
  const auto kept = CodeOffsets::parse(out->bytes.substr(section->offset, section->size), error);
  ASSERT_TRUE(kept) << error;
  EXPECT_EQ(kept->text(), out->offsets.text());
}

// Lines of a module whose code moved: a map is put behind a module with DWARF, which shifts all of it by 3 bytes.
TEST(WasmRewrite, LinesGoThroughTheMap) {
  const TempDir folder;
  std::string why;
  const std::string before = build_wasm(folder.path(), guest_source, why);
  ASSERT_FALSE(before.empty()) << why;
  CodeOffsets offsets;
  offsets.add(0, 3);
  const std::string content = std::string(1, static_cast<char>(CodeOffsets::section_name.size())) +
                              std::string(CodeOffsets::section_name) + offsets.section();
  const std::string after = before + std::string(1, '\0') + static_cast<char>(content.size()) + content;
  const WasmModule old = parsed(before), now = parsed(after);
  const auto old_lines = WasmLines::open(before, old, why), now_lines = WasmLines::open(after, now, why);
  ASSERT_TRUE(old_lines && now_lines) << why;
  std::set<uint32_t> lines;
  for (const WasmBody &body : old.bodies)
    for (uint64_t at = body.offset; at + 3 < body.offset + body.size; ++at) {
      const SourcePlace *a = old_lines->find(at + 3), *b = now_lines->find(at);
      ASSERT_EQ(a == nullptr, b == nullptr);
      if (!a) continue;
      EXPECT_EQ(a->frames[0].line, b->frames[0].line);
      lines.insert(b->frames[0].line);
    }
  EXPECT_GT(lines.size(), 5u);
  // A damaged map is no lines, not wrong ones.
  const std::string cut =
      before + std::string(1, '\0') + static_cast<char>(content.size() - 1) + content.substr(0, content.size() - 1);
  EXPECT_FALSE(WasmLines::open(cut, parsed(cut), why));
  EXPECT_NE(why.find("damaged"), std::string::npos) << why;
}

TEST(WasmRewrite, WhatWasiNeedsIsAdded) {
  const TempDir folder;
  // Neither memory nor exports nor code of its own: it passes the marks on.
  const auto out =
      rewritten(assembled(folder, "(module " + marks + R"((export "s" (func 0)) (export "e" (func 1))))"), true);
  ASSERT_TRUE(out);
  EXPECT_EQ(invalid(folder, out->bytes), "");
  const WasmModule now = parsed(out->bytes);
  EXPECT_TRUE(std::any_of(now.exports.begin(), now.exports.end(),
                          [](const auto &one) { return one.kind == 2 && one.name == "memory"; }));
  EXPECT_EQ(now.exported_function("s"), 2u);
  EXPECT_EQ(now.exported_function("e"), 3u);
  EXPECT_EQ(now.bodies.size(), 2u);
  // A memory that is not exported, and only one of the marks.
  const auto half = rewritten(assembled(folder, R"((module (import "bench" "start" (func)) (memory 2)
    (func (export "_start") call 0)))"));
  ASSERT_TRUE(half);
  EXPECT_EQ(invalid(folder, half->bytes), "");
  EXPECT_NE(half->notes.front().find("imports no bench.end"), std::string::npos);
  // The same mark twice is one function.
  const auto twice =
      rewritten(assembled(folder, R"((module (import "bench" "start" (func)) (import "bench" "end" (func))
    (import "bench" "start" (func)) (memory 1) (func (export "_start") call 0 call 2 call 1)))"));
  ASSERT_TRUE(twice);
  EXPECT_EQ(invalid(folder, twice->bytes), "");
  EXPECT_EQ(parsed(twice->bytes).bodies.size(), 3u);
  EXPECT_EQ(twice->calls, 3u);
}

// Every family of instructions, with a call of a mark behind each: an operand read wrongly would hide it or make the
// module invalid.
TEST(WasmRewrite, InstructionsOfAllProposalsAreStepped) {
  const TempDir folder;
  const char *const bodies[] = {
      "nop (drop (select (i32.const -1) (i32.const 2) (i32.const 3)))",
      "(drop (i64.const -9223372036854775808)) (drop (f32.const 1.5)) (drop (f64.const -0x1.0p-1022))",
      "(loop (br_if 0 (i32.const 0))) (block (block (br_table 0 1 0 (i32.const 1))))",
      "(drop (block (result i32 i64) (i32.const 1) (i64.const 2))) drop",
      "(drop (i32.load8_s offset=70000 align=1 (i32.const 0))) (i64.store32 offset=8 (i32.const 0) (i64.const 1))",
      "(drop (memory.grow (memory.size)))",
      "(drop (i32.trunc_sat_f64_u (f64.const 1))) (drop (i64.extend16_s (i64.const 1)))",
      "(memory.copy (i32.const 0) (i32.const 1) (i32.const 2)) (memory.fill (i32.const 0) (i32.const 1) (i32.const 2))",
      "(memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0)) (data.drop 0)",
      "(table.init 0 (i32.const 0) (i32.const 0) (i32.const 0)) (elem.drop 0)",
      "(table.copy (i32.const 0) (i32.const 0) (i32.const 0)) (table.fill 0 (i32.const 0) (ref.null func) (i32.const "
      "0))",
      "(drop (table.grow 0 (ref.null func) (i32.const 0))) (drop (table.size 0))",
      "(table.set 0 (i32.const 0) (table.get 0 (i32.const 1)))",
      "(drop (ref.is_null (ref.null extern)))",
      "(drop (select (result funcref) (ref.null func) (ref.func $self) (i32.const 1)))",
      "(drop (v128.const i32x4 16 16 16 16)) (drop (i8x16.shuffle 16 0 16 0 16 0 16 0 16 0 16 0 16 0 16 0 "
      "(v128.const i64x2 0 0) (v128.const i64x2 0 0)))",
      "(drop (v128.load offset=300 (i32.const 0))) (drop (v128.load8_splat (i32.const 0)))",
      "(drop (v128.load16_lane offset=16 3 (i32.const 0) (v128.const i64x2 0 0)))",
      "(v128.store64_lane offset=16 1 (i32.const 0) (v128.const i64x2 0 0)) (drop (v128.load32_zero (i32.const 0)))",
      "(drop (i8x16.extract_lane_s 15 (v128.const i64x2 0 0))) (drop (f64x2.replace_lane 1 (v128.const i64x2 0 0) "
      "(f64.const 1)))",
      "(drop (i64x2.extmul_high_i32x4_u (v128.const i64x2 0 0) (v128.const i64x2 0 0)))",
      "(drop (f64x2.convert_low_i32x4_u (v128.const i64x2 0 0)))",
      "(drop (i32.atomic.rmw8.cmpxchg_u offset=16 (i32.const 0) (i32.const 0) (i32.const 0))) atomic.fence",
      "(drop (memory.atomic.wait64 (i32.const 0) (i64.const 0) (i64.const 0)))",
      "(try (do (throw $tag)) (catch $tag call $self) (catch_all (rethrow 0)))",
      "(try (do (try (do nop) (delegate 0))) (catch_all))",
      "(call_indirect (type 0) (i32.const 0))",
      "(global.set $g (i32.const 1)) (drop (global.get $g))",
  };
  for (const std::string body : bodies) {
    SCOPED_TRACE(body);
    const std::string before =
        assembled(folder, "(module (type (func)) " + marks + R"((memory (export "memory") 1 9 shared) (table 1 funcref)
      (tag $tag) (global $g (mut i32) (i32.const 16)) (data "x") (elem func $self)
      (func $self (export "_start") call $start )" +
                              body + " call $end))");
    ASSERT_FALSE(before.empty());
    const auto out = rewritten(before);
    ASSERT_TRUE(out);
    EXPECT_EQ(invalid(folder, out->bytes), "");
    EXPECT_EQ(out->calls, 2u);
    EXPECT_NE(out->notes[0].find("shared"), std::string::npos);
  }
}

// The references of an expression that is `code` with a call in front and behind; nullopt: refused.
std::optional<size_t> calls_around(const std::string &code) {
  const std::string all = std::string("\x10\x05", 2) + code + std::string("\x10\x06\x0b", 3);
  ByteCursor c(all);
  std::vector<WasmFunctionReference> refs;
  std::string error;
  if (!read_wasm_expression(c, refs, error) || !c.done()) return std::nullopt;
  return refs.size();
}

// What this version of wabt cannot assemble.
TEST(WasmRewrite, InstructionsThatToolsDoNotKnowYet) {
  using namespace std::string_literals;
  const std::string known[] = {
      "\x1f\x40\x04\x00\x01\x00\x01\x01\x00\x02\x00\x03\x00\x0b"s, // try_table with every kind of clause
      "\x0a"s,                                                     // throw_ref
      "\x14\x01\x15\x01\xd3\xd4\xd5\x00\xd6\x00"s,                 // call_ref .. br_on_non_null
      "\x02\x64\x70\x0b\x02\x63\x6f\x0b"s,                         // blocks that give references
      "\xd0\x01"s,                                                 // ref.null of a type by its index
      "\xfc\x13\xfc\x16"s,                                         // wide arithmetic
      "\xfd\x80\x02\xfd\x93\x02"s,                                 // relaxed SIMD
      "\x28\x42\x01\x80\x80\x80\x80\x80\x01"s,                     // a load from memory 1 at an offset of 64 bits
      "\xfb\x00\x03\xfb\x02\x03\x01\xfb\x05\x03\x02"s,             // struct.new, .get, .set
      "\xfb\x06\x03\xfb\x08\x03\x05\xfb\x0e\x03\xfb\x0f\xfb\x10\x03\xfb\x11\x03\x03"s, // array.new .. .copy
      "\xfb\x14\x6b\xfb\x17\x03\xfb\x1a\xfb\x1c\xfb\x1e"s,                             // ref.test .. i31.get_u
      "\xfb\x18\x03\x00\x6e\x6b\xfb\x19\x00\x01\x6e\x03"s,                             // br_on_cast, br_on_cast_fail
  };
  for (const std::string &code : known) EXPECT_EQ(calls_around(code), 2u) << int(static_cast<uint8_t>(code[0]));
  const std::string unknown[] = {"\xfb\x1f\x00"s, "\x16"s,
                                 "\x17"s,         "\x1d"s,
                                 "\x27"s,         "\xc5"s,
                                 "\xe0\x00"s,     "\xff"s,
                                 "\xfc\x12"s,     "\xfd\x9a\x01"s,
                                 "\xfd\x94\x02"s, "\xfe\x04"s,
                                 "\xfe\x4f"s,     "\x1f\x40\x01\x04\x00\x0b"s};
  for (const std::string &code : unknown)
    EXPECT_EQ(calls_around(code), std::nullopt) << int(static_cast<uint8_t>(code[0]));
}

TEST(WasmRewrite, RefusalsSayWhatWasFound) {
  const TempDir folder;
  const auto wat = [&](const std::string &text, bool gc = false) {
    return assembled(folder, "(module " + text + ")", gc);
  };
  const std::string use = R"((func (export "_start") call $start))";
  const std::string good = wat(marks + "(memory 1)" + use);
  const auto out = rewritten(good);
  ASSERT_TRUE(out);
  std::string later = good;
  const size_t call = later.find(std::string("\x10\0\x0b", 3));
  ASSERT_NE(call, std::string::npos);
  later[call] = '\xe0'; // cont.new
  const struct {
    std::string bytes;
    const char *word;
  } cases[] = {
      {"", "an empty file"},
      {wat("(memory 1)"), "found none of them"},
      {wat(R"((import "bench" "start" (func (param i32))) (memory 1))"), "without parameters"},
      {wat(R"((import "bench" "stop" (func)))" + marks + "(memory 1)"), "import of `stop`"},
      {wat(marks + "(memory i64 1)" + use), "64"},
      {wat(marks + "(memory 0)" + use), "empty one"},
      {wat(marks + R"((memory 1) (memory (export "memory") 1))" + use), "several memories"},
      {wat(marks + R"((memory 1) (export "memory" (func $start)))"), "something else"},
      {wat(marks + "(type (struct)) (memory 1)" + use, true), "garbage collection"},
      {later, "0xe0"},
      {out->bytes, "has made already"},
      {good.substr(0, good.size() - 30), "cut"},
  };
  for (const auto &one : cases) {
    const std::string said = refused(one.bytes);
    EXPECT_NE(said.find(one.word), std::string::npos) << "`" << said << "` has no `" << one.word << "`";
  }
  // An object file has relocations that would be wrong.
  std::string why;
  ASSERT_FALSE(build_wasm(folder.path(), bench_source, why, {.link = {"--no-entry"}}).empty()) << why;
  EXPECT_NE(refused(read_file(folder.path() / "guest.o")).find("object file"), std::string::npos);
}

TEST(CodeOffsets, LookUpKeepAndDamage) {
  CodeOffsets offsets;
  EXPECT_EQ(offsets.before(0), std::nullopt);
  offsets.add(0, 0);
  offsets.add(5, 5); // nothing new
  offsets.add(10, 9);
  offsets.add(10, 8); // in the same place: the later holds
  offsets.add(300, std::nullopt);
  offsets.add(310, std::nullopt);
  EXPECT_EQ(offsets.text(), "0 0\n10 8\n300 -\n");
  EXPECT_EQ(offsets.before(9), 9u);
  EXPECT_EQ(offsets.before(10), 8u);
  EXPECT_EQ(offsets.before(299), 297u);
  EXPECT_EQ(offsets.before(300), std::nullopt);
  EXPECT_FALSE(offsets.all_in_place());
  std::string error;
  const std::string kept = offsets.section();
  ASSERT_TRUE(CodeOffsets::parse(kept, error)) << error;
  EXPECT_EQ(CodeOffsets::parse(kept, error)->text(), offsets.text());
  for (size_t size = 0; size < kept.size(); ++size)
    EXPECT_FALSE(CodeOffsets::parse(kept.substr(0, size), error)) << size;
  EXPECT_FALSE(CodeOffsets::parse(kept + "x", error));
  std::string later = kept;
  later[0] = 2;
  EXPECT_FALSE(CodeOffsets::parse(later, error));
  EXPECT_NE(error.find("found 2"), std::string::npos);
}

} // namespace
} // namespace sgperf::formats
