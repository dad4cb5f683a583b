// SPDX-License-Identifier: Apache-2.0
// Perf maps in every dialect that was seen, and in some that were not.
#include "formats/perf_map.h"

#include <gtest/gtest.h>

#include <random>

namespace sgperf::formats {
namespace {

TEST(PerfMap, AsDocumented) {
  const std::string text = "7f00a000 1a0 JS:*fib /x/a b.js:1:1\n7f00b000 20 [unknown] x \xc3\xa9\n";
  const PerfMap map = read_perf_map(text);
  ASSERT_EQ(map.entries.size(), 2u);
  EXPECT_EQ(map.entries[0].address, 0x7f00a000u);
  EXPECT_EQ(map.entries[0].size, 0x1a0u);
  EXPECT_EQ(map.entries[0].name, "JS:*fib /x/a b.js:1:1");
  EXPECT_EQ(map.entries[0].line, 1u);
  EXPECT_EQ(map.entries[1].name, "[unknown] x \xc3\xa9");
  EXPECT_EQ(map.lines, 2u);
  EXPECT_EQ(map.odd.total(), 0u) << to_text(map.odd);
}

TEST(PerfMap, Dialects) {
  struct {
    const char *line, *name;
    PerfMapOdd odd;
  } const cases[] = {
      {"0x7ff83161c000 8b fib", "fib", PerfMapOdd::prefixed},                         // wasmtime, wasmer
      {"0X7ff83161c000 0x8b fib", "fib", PerfMapOdd::prefixed},                       //
      {"7FF83161C000  8b  [app]#aot_func#3", "[app]#aot_func#3", PerfMapOdd::blanks}, // WAMR
      {"7ff83161c000\t8b\tfib", "fib", PerfMapOdd::blanks},                           //
      {"  7ff83161c000 8b fib", "fib", PerfMapOdd::blanks},                           //
      {"7ff83161c000 8b fib\r", "fib", PerfMapOdd::carriage_return},                  //
      {"7ff83161c000 8b", "", PerfMapOdd::no_name},                                   //
      {"7ff83161c000 8b f\xff", "f\xff", PerfMapOdd::not_utf8},                       //
  };
  for (const auto &one : cases) {
    const std::string text = std::string(one.line) + "\n";
    const PerfMap map = read_perf_map(text);
    ASSERT_EQ(map.entries.size(), 1u) << one.line;
    EXPECT_EQ(map.entries[0].address, 0x7ff83161c000u) << one.line;
    EXPECT_EQ(map.entries[0].size, 0x8bu) << one.line;
    EXPECT_EQ(map.entries[0].name, one.name) << one.line;
    EXPECT_EQ(map.odd[one.odd], 1u) << one.line;
    EXPECT_EQ(map.odd.total(), 1u) << one.line << ": " << to_text(map.odd);
  }
  const PerfMap zero = read_perf_map("1000 0 f\n");
  EXPECT_EQ(zero.entries.at(0).size, 0u);
  EXPECT_EQ(to_text(zero.odd), "1 x functions of size 0");
}

TEST(PerfMap, LinesThatAreNone) {
  const std::string text = "\nfib\n1000\n1000 \n10g0 20 f\n1000 2x f\n-1000 20 f\n0x 20 f\n"
                           "12345678123456781 20 f\nffffffffffffffff 2 f\n\n2000 20 good\n";
  const PerfMap map = read_perf_map(text);
  ASSERT_EQ(map.entries.size(), 1u);
  EXPECT_EQ(map.entries[0].line, 12u);
  EXPECT_EQ(map.lines, 12u);
  EXPECT_EQ(map.odd[PerfMapOdd::not_a_line], 7u);
  EXPECT_EQ(map.odd[PerfMapOdd::number_too_large], 1u);
  EXPECT_EQ(map.odd[PerfMapOdd::impossible_range], 1u);
  EXPECT_EQ(map.odd.total(), 9u) << to_text(map.odd);
}

TEST(PerfMap, LaterLineWins) {
  const PerfMap map = read_perf_map("1000 20 old\n2000 20 other\n1000 30 newer\n1000 30 newest\n");
  ASSERT_EQ(map.entries.size(), 4u);
  EXPECT_TRUE(map.entries[0].superseded);
  EXPECT_FALSE(map.entries[1].superseded);
  EXPECT_TRUE(map.entries[2].superseded);
  EXPECT_FALSE(map.entries[3].superseded);
  EXPECT_EQ(map.entries[3].line, 4u);
  EXPECT_EQ(map.odd[PerfMapOdd::duplicate], 2u);
}

// Its writer is in the middle of a line: at every byte, what is there is right and is no more than what will be there.
TEST(PerfMap, Unfinished) {
  const std::string text = "1000 20 first\n2000 30 second function\n";
  for (size_t cut = 15; cut < text.size(); ++cut) {
    const std::string part = text.substr(0, cut);
    const PerfMap map = read_perf_map(part);
    ASSERT_FALSE(map.entries.empty());
    EXPECT_EQ(map.entries[0].name, "first");
    EXPECT_EQ(map.odd[PerfMapOdd::unfinished], 1u) << cut;
    if (map.entries.size() > 1) {
      EXPECT_EQ(map.entries[1].address, 0x2000u);
      EXPECT_EQ(std::string_view("second function").find(map.entries[1].name), 0u);
    }
  }
  EXPECT_EQ(read_perf_map(text).odd.total(), 0u);
  EXPECT_EQ(read_perf_map("").lines, 0u);
}

TEST(PerfMap, OverLongNames) {
  std::string name(longest_perf_map_name - 1, 'n');
  name += "\xc3\xa9 and more"; // the cut would be within a character
  const std::string text = "1000 20 " + name + "\n";
  const PerfMap map = read_perf_map(text);
  EXPECT_EQ(map.entries.at(0).name, std::string(longest_perf_map_name - 1, 'n'));
  EXPECT_EQ(map.odd[PerfMapOdd::over_long], 1u);
  EXPECT_EQ(map.odd.total(), 1u);
  const std::string rest = "1000 20 " + std::string(longest_perf_map_name, '\x80') + "\x80\x80\x80\x80\n";
  EXPECT_GE(read_perf_map(rest).entries.at(0).name.size(), longest_perf_map_name - 3);
}

TEST(PerfMap, Written) {
  std::string out;
  append_perf_map_line(out, 0x7f00a000, 0x1a0, "wasm!fib [liftoff]");
  append_perf_map_line(out, 0, 0, "");
  append_perf_map_line(out, UINT64_MAX, UINT64_MAX,
                       " \ttwo\nlines\r\x01"
                       "a\xff");
  EXPECT_EQ(
      out,
      "7f00a000 1a0 wasm!fib [liftoff]\n0 0 [unnamed]\nffffffffffffffff ffffffffffffffff two lines  a\xef\xbf\xbd\n");
}

TEST(PerfMap, WhatIsWrittenReadsAsTheSame) {
  std::mt19937_64 random(7);
  std::string out;
  for (uint64_t i = 0; i < 2000; ++i) {
    std::string name(random() % 40, ' ');
    for (char &c : name) c = static_cast<char>(random());
    append_perf_map_line(out, i * 0x1000, 1 + i, name);
  }
  const PerfMap map = read_perf_map(out);
  ASSERT_EQ(map.entries.size(), 2000u);
  EXPECT_EQ(map.odd.total(), 0u) << to_text(map.odd);
  std::string again;
  for (const PerfMapEntry &entry : map.entries) {
    EXPECT_EQ(entry.size, entry.line);
    append_perf_map_line(again, entry.address, entry.size, entry.name);
  }
  EXPECT_EQ(again, out);
}

TEST(PerfMap, CountsHaveWords) {
  for (size_t i = 0; i < OddCounts<PerfMapOdd>::kinds; ++i) EXPECT_STRNE(to_text(static_cast<PerfMapOdd>(i)), "?") << i;
}

} // namespace
} // namespace sgperf::formats
