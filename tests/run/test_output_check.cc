// SPDX-License-Identifier: Apache-2.0
#include "run/output_check.h"
#include "support/process.h"

#include <gtest/gtest.h>

namespace sgperf::run {
namespace {

TEST(OutputCheck, FirstDifference) {
  EXPECT_EQ(first_difference("stdout", "a\nb\n", "a\nb\n"), "");
  EXPECT_EQ(first_difference("stdout", "a\nb", "a\r\nb\r\n"), "");
  EXPECT_EQ(first_difference("stdout", "", ""), "");
  EXPECT_EQ(first_difference("stdout", "a\nb\n", "a\nc\n"), "stdout line 2: expected \"b\", found \"c\"");
  EXPECT_EQ(first_difference("stdout", "a\nb\n", "a\n"), "stdout line 2: expected \"b\", found the end of the output");
  EXPECT_EQ(first_difference("stderr", "a\n", "a\nb\n"), "stderr line 2: expected the end of the output, found \"b\"");
  EXPECT_EQ(first_difference("stdout", "a", std::string("a\1", 2)), "stdout line 1: expected \"a\", found \"a\\x01\"");
  EXPECT_NE(first_difference("stdout", "a\n\n", "a\n"), "");
}

TEST(OutputCheck, EveryTime) {
  const test::TempDir dir;
  test::write_file(dir.path() / "want", "1\n");
  OutputCheck check("stdout", dir.path() / "want", dir.path() / "have");
  EXPECT_NE(check.check(), ""); // nothing was written
  test::write_file(dir.path() / "have", "1\n");
  EXPECT_EQ(check.check(), "");
  EXPECT_EQ(check.check(), "");
  test::write_file(dir.path() / "have", "2\n");
  EXPECT_NE(check.check(), "");
}

TEST(OutputCheck, Tail) {
  EXPECT_EQ(tail_of("a\nb\nc\n", 2), "b\nc");
  EXPECT_EQ(tail_of("", 2), "");
  EXPECT_EQ(tail_of("no newline", 2), "no newline");
  EXPECT_EQ(tail_of("\xc3\xa4\xc3\xa4", 2, 3), "\xc3\xa4"); // characters stay whole
}

} // namespace
} // namespace sgperf::run
