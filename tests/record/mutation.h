// SPDX-License-Identifier: Apache-2.0
// Damage to good input, the same every time: seeds are fixed, so a failure can be repeated.
#pragma once

#include "support/process.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace sgperf::test {

class Mutation : public ::testing::Test {
protected:
  using Reader = bool (*)(const std::string &);

  void torn(const std::string &good, Reader reader, size_t step) {
    ASSERT_TRUE(reader(good)) << "the input is to be good before it is damaged";
    for (size_t cut = 0; cut <= good.size(); cut += step) reader(good.substr(0, cut));
  }
  void flipped(const std::string &good, Reader reader, int rounds, size_t within) {
    std::mt19937_64 random(42);
    for (int round = 0; round < rounds; ++round) {
      std::string bytes = good;
      const size_t end = std::min(within, bytes.size());
      for (uint64_t i = 0, n = 1 + random() % 4; i < n; ++i) {
        char &byte = bytes[random() % end];
        switch (random() % 4) {
        case 0:
          byte = static_cast<char>(byte ^ (1 << random() % 8));
          break;
        case 1:
          byte = static_cast<char>(0xff);
          break;
        case 2:
          byte = 0;
          break;
        default:
          byte = static_cast<char>(random());
          break;
        }
      }
      reader(bytes);
    }
  }
  static std::string data(const char *name) { return read_file(source_dir() / "tests/data" / name); }
};

} // namespace sgperf::test
