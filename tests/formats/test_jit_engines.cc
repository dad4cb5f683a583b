// SPDX-License-Identifier: Apache-2.0
// What real engines write, where they are installed: node and the jsc shell on a small module of ours.
#include "formats/input_file.h"
#include "formats/jit_name.h"
#include "formats/jitdump_writer.h"
#include "formats/perf_map.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace sgperf::formats {
namespace {

namespace fs = std::filesystem;

constexpr const char *module_text = R"((module $demo
  (import "env" "log" (func $log (param i32)))
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func (export "nameless") (param i32) (result i32) (call $log (local.get 0)) (call $fib (local.get 0))))
)";

// `read` and `show` differ between the shells.  The JavaScript is hot enough to be optimised, and so has lines.
std::string script(const std::string &read, const std::string &show) {
  return "const wasm = new WebAssembly.Module(" + read + ");\n" +
         "const instance = new WebAssembly.Instance(wasm, {env: {log: x => x}});\n"
         "function inner(a) { return (a ^ 7) + 1; }\n"
         "function outer(n) {\n"
         "  let sum = 0;\n"
         "  for (let i = 0; i < n; i++) sum += inner(i) & 3;\n"
         "  return sum;\n"
         "}\n"
         "let sum = 0;\n"
         "for (let i = 0; i < 30; i++) sum += outer(100000);\n"
         "for (let i = 0; i < 20000; i++) sum += instance.exports.nameless(12);\n" +
         show + "(sum);\n";
}
constexpr const char *printed = "7380000\n"; // 30 x 100000 x 1.5 + 20000 x fib(12)

class Engines : public ::testing::Test {
protected:
  // Not below a folder of a shared name: paths are in what is written.
  test::TempDir dir_;

  bool prepare(const char *program, const std::string &read, const std::string &show) {
    if (!fs::exists(program)) {
      why_ = std::string(program) + " is not installed";
      return false;
    }
    test::write_file(dir_.path() / "demo.wat", module_text);
    const auto made =
        test::run({"wat2wasm", "--debug-names", dir_.path() / "demo.wat", "-o", dir_.path() / "demo.wasm"});
    if (made.exit_code != 0) {
      why_ = "wat2wasm cannot make the module: " + made.err;
      return false;
    }
    test::write_file(dir_.path() / "run.js", script(read, show));
    return true;
  }
  fs::path only(const std::string &begin, const std::string &end) const {
    fs::path found;
    for (const auto &entry : fs::directory_iterator(dir_.path())) {
      const std::string name = entry.path().filename();
      if (!name.starts_with(begin) || !name.ends_with(end)) continue;
      EXPECT_EQ(found, "") << "one process, one file";
      found = entry.path();
    }
    EXPECT_NE(found, "") << "expected " << begin << "PID" << end << " in " << dir_.path();
    return found;
  }

  std::string why_;
};

const JitdumpEvent *find(const Jitdump &dump, JitNameKind kind, std::string_view function, std::string_view tier) {
  for (const JitdumpEvent &event : dump.events) {
    const JitName name = parse_jit_name(event.name);
    if (event.kind == JitdumpKind::load && name.kind == kind && name.function == function && name.tier == tier)
      return &event;
  }
  return nullptr;
}

void expect_plain(const Jitdump &dump, uint32_t pid) {
  EXPECT_EQ(dump.header.pid, pid);
  EXPECT_FALSE(dump.header.arch_time());
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  const uint64_t after = static_cast<uint64_t>(now.tv_sec) * 1000000000 + static_cast<uint64_t>(now.tv_nsec);
  uint64_t before = 0;
  for (const JitdumpEvent &event : dump.events) {
    EXPECT_LE(before, event.time);
    before = event.time;
    if (event.kind != JitdumpKind::load) continue;
    EXPECT_EQ(event.pid, pid);
    EXPECT_EQ(event.code.size(), event.size);
    EXPECT_FALSE(event.name.empty());
  }
  EXPECT_LT(before, after) << "CLOCK_MONOTONIC";
  EXPECT_GT(before, after - 300000000000u);
}

// Written again, the same functions are in the file, and nothing in it is odd any more.
void expect_same_when_written(const Jitdump &dump) {
  const std::string written = to_jitdump(dump);
  std::string error;
  const auto back = read_jitdump(written, error);
  ASSERT_TRUE(back) << error;
  EXPECT_EQ(back->odd[JitdumpOdd::out_of_order], 0u);
  EXPECT_EQ(back->odd[JitdumpOdd::line_file_repaired], 0u);
  ASSERT_EQ(back->events.size(), dump.events.size());
  EXPECT_EQ(back->lines.size(), dump.lines.size());
  for (size_t i = 0; i < dump.events.size(); ++i) {
    EXPECT_EQ(back->events[i].name, dump.events[i].name);
    EXPECT_EQ(back->events[i].code, dump.events[i].code);
    EXPECT_EQ(back->events[i].address, dump.events[i].address);
  }
}

TEST_F(Engines, NodeJitdump) {
  if (!prepare("/usr/bin/node", "require('fs').readFileSync('demo.wasm')", "console.log")) GTEST_SKIP() << why_;
  test::Options options;
  options.cwd = dir_.path();
  const auto result = test::run({"/usr/bin/node", "--perf-prof", "run.js"}, options);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, printed);
  std::string error;
  const auto file = InputFile::read(only("jit-", ".dump"), error);
  ASSERT_TRUE(file) << error;
  const auto dump = read_jitdump(file->bytes(), error);
  ASSERT_TRUE(dump) << error;
  expect_plain(*dump, static_cast<uint32_t>(result.pid));
  EXPECT_TRUE(dump->v8);
  EXPECT_GT(dump->loads, 500u);
  EXPECT_EQ(dump->end, file->bytes().size());
  // Liftoff and TurboFan told apart; the index counts the import.
  for (const char *tier : {"liftoff", "turbofan"}) {
    const JitdumpEvent *fib = find(*dump, JitNameKind::wasm_function, "fib", tier);
    ASSERT_TRUE(fib) << tier;
    EXPECT_EQ(parse_jit_name(fib->name).index, 1u);
    EXPECT_EQ(canonical_name(parse_jit_name(fib->name)), std::string("wasm!fib [") + tier + "]");
    EXPECT_EQ(fib->line_count, 0u) << "V8 has none for Wasm";
  }
  ASSERT_TRUE(find(*dump, JitNameKind::wasm_function, "", "liftoff"));
  // JavaScript has lines, in its own code, and with the name of the script whatever node made of it.
  const JitdumpEvent *outer = find(*dump, JitNameKind::javascript, "outer", "turbofan");
  ASSERT_TRUE(outer);
  const auto lines = dump->lines_of(*outer);
  ASSERT_FALSE(lines.empty());
  std::set<uint32_t> numbers;
  for (const JitLine &line : lines) {
    EXPECT_GE(line.address, outer->address);
    EXPECT_LE(line.address, outer->address + outer->size);
    EXPECT_EQ(dump->files[line.file], (dir_.path() / "run.js").string());
    numbers.insert(line.line);
  }
  EXPECT_TRUE(numbers.contains(6)) << "the loop";
  EXPECT_GE(*numbers.begin(), 3u);
  EXPECT_LE(*numbers.rbegin(), 8u);
  for (const JitdumpOdd fatal :
       {JitdumpOdd::truncated, JitdumpOdd::damaged, JitdumpOdd::unknown_record, JitdumpOdd::lines_torn,
        JitdumpOdd::line_outside_code, JitdumpOdd::line_file_unreadable, JitdumpOdd::unwinding_torn})
    EXPECT_EQ(dump->odd[fatal], 0u) << to_text(dump->odd);
  expect_same_when_written(*dump);
}

// V8 keeps two MB back, so that a killed node leaves a file that ends anywhere, or none.
TEST_F(Engines, NodeKilled) {
  if (!prepare("/usr/bin/node", "require('fs').readFileSync('demo.wasm')", "process.kill(process.pid, 9)"))
    GTEST_SKIP() << why_;
  test::Options options;
  options.cwd = dir_.path();
  // Code that fills the buffer: functions that are all different.
  std::string text = test::read_file(dir_.path() / "run.js");
  text.insert(0, "for (let i = 0; i < 30000; i++) new Function('a', `return a * ${i}`)(i);\n");
  test::write_file(dir_.path() / "run.js", text);
  const auto result =
      test::run({"/usr/bin/node", "--perf-prof", "--no-flush-bytecode", "--always-sparkplug", "run.js"}, options);
  ASSERT_EQ(result.signal, 9) << result.err;
  std::string error;
  const auto file = InputFile::read(only("jit-", ".dump"), error);
  ASSERT_TRUE(file) << error;
  ASSERT_GT(file->bytes().size(), size_t{1} << 20);
  const auto dump = read_jitdump(file->bytes(), error);
  ASSERT_TRUE(dump) << error;
  expect_plain(*dump, static_cast<uint32_t>(result.pid));
  EXPECT_GT(dump->loads, 2000u);
  EXPECT_LE(dump->odd[JitdumpOdd::truncated], 1u);
  EXPECT_GT(dump->end + 100000, file->bytes().size()) << "all but the tail was read";
  EXPECT_EQ(dump->odd[JitdumpOdd::damaged], 0u) << to_text(dump->odd);
}

TEST_F(Engines, NodePerfMap) {
  if (!prepare("/usr/bin/node", "require('fs').readFileSync('demo.wasm')", "console.log")) GTEST_SKIP() << why_;
  test::Options options;
  options.cwd = dir_.path();
  const auto result = test::run({"/usr/bin/node", "--perf-basic-prof", "run.js"}, options);
  const fs::path map_file = "/tmp/perf-" + std::to_string(result.pid) + ".map"; // nowhere else
  std::string error;
  const auto file = InputFile::read(map_file, error);
  fs::remove(map_file);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  ASSERT_TRUE(file) << error;
  const PerfMap map = read_perf_map(file->bytes());
  EXPECT_EQ(map.entries.size(), map.lines);
  EXPECT_GT(map.lines, 500u);
  std::set<std::string> names;
  for (const PerfMapEntry &entry : map.entries) names.insert(canonical_name(parse_jit_name(entry.name)));
  for (const char *name : {"wasm!fib [liftoff]", "wasm!fib [turbofan]", "wasm!wasm-function[2] [liftoff]"})
    EXPECT_TRUE(names.contains(name)) << name;
  EXPECT_EQ(map.odd[PerfMapOdd::not_a_line] + map.odd[PerfMapOdd::unfinished], 0u) << to_text(map.odd);
}

TEST_F(Engines, JscJitdump) {
  if (!prepare("/usr/bin/jsc", "readFile('demo.wasm', 'binary')", "print")) GTEST_SKIP() << why_;
  test::Options options;
  options.cwd = dir_.path();
  options.env = {"JSC_useJITDump=1", "JSC_jitDumpDirectory=" + dir_.path().string()};
  const auto result = test::run({"/usr/bin/jsc", "run.js"}, options);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, printed);
  std::string error;
  const auto file = InputFile::read(only("jit-", ".dump"), error);
  ASSERT_TRUE(file) << error;
  const auto dump = read_jitdump(file->bytes(), error);
  ASSERT_TRUE(dump) << error;
  expect_plain(*dump, static_cast<uint32_t>(result.pid));
  EXPECT_FALSE(dump->v8);
  // The program may end while a compiler thread writes its last record (seen once in some dozen runs).
  EXPECT_LE(dump->odd[JitdumpOdd::truncated], 1u) << to_text(dump->odd);
  for (const char *tier : {"bbq", "omg"}) {
    const JitdumpEvent *fib = find(*dump, JitNameKind::wasm_function, "fib", tier);
    ASSERT_TRUE(fib) << tier;
    EXPECT_EQ(canonical_name(parse_jit_name(fib->name)), std::string("demo!fib [") + tier + "]");
  }
  EXPECT_TRUE(find(*dump, JitNameKind::javascript, "outer", "baseline"));
  for (const JitdumpEvent &event : dump->events) {
    if (event.kind == JitdumpKind::load) {
      EXPECT_NE(parse_jit_name(event.name).kind, JitNameKind::other) << event.name;
    }
  }
  expect_same_when_written(*dump);
}

} // namespace
} // namespace sgperf::formats
