// SPDX-License-Identifier: Apache-2.0
#include "emit/golden.h"

#include "support/process.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <regex>
#include <sstream>

namespace sgperf::test {

void expect_golden(const std::string &room, const std::string &name, const std::string &text) {
  const auto file = source_dir() / "tests" / room / (name + ".golden");
  if (getenv("SGPERF_REGENERATE_GOLDENS")) {
    write_file(file, text);
    return;
  }
  ASSERT_TRUE(std::filesystem::exists(file)) << file << " is missing: ninja regenerate-goldens";
  std::istringstream expected(read_file(file)), found(text);
  std::string want, have;
  for (int line = 1;; ++line) {
    const bool more_want = static_cast<bool>(std::getline(expected, want)),
               more_have = static_cast<bool>(std::getline(found, have));
    if (!more_want && !more_have) return;
    ASSERT_EQ(more_want ? want : "(end of the golden file)", more_have ? have : "(end of the output)")
        << file << ":" << line << "\nif the change is meant: ninja regenerate-goldens";
  }
}

std::string as_pattern(const std::string &text) {
  std::string out = text;
  const auto replace = [&](const char *pattern, const char *by) {
    out = std::regex_replace(out, std::regex(pattern), by);
  };
  replace("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d", "<date>");
  replace("pid \\d+", "pid <n>");
  replace("-?[0-9.]+ (ns|us|ms|s)\\b", "<time>");
  replace("[<>]?-?[0-9.]+ %", "<share>");
  replace("(\\d+\\.\\d+|\\d+)x", "<ratio>");
  replace(" +", " ");
  replace(" \n", "\n");
  return out;
}

} // namespace sgperf::test
