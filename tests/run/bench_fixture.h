// SPDX-License-Identifier: Apache-2.0
// `sgperf bench` as a real process on the fixture engine, and what it has left behind.
#pragma once

#include "record/meta.h"
#include "record/sample.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace sgperf::test {

std::string sgperf_path();
std::string fixture_plugin();
std::string module_path(const std::string &name); // a .wasm of tests/run/modules

class Bench : public testing::Test {
protected:
  Bench();
  // Fixture engine with these flags on `plain.wasm`, few iterations, no report; `more` goes last.
  Result bench(const std::string &flags, const std::vector<std::string> &more = {}, Options options = {});
  // Any command line; -o and the temporary folders are set.
  Result run_bench(std::vector<std::string> arguments, Options options = {});

  std::vector<record::Sample> samples() const;
  std::vector<record::Sample> failed() const; // rows with a status
  record::Meta meta() const;
  bool has_warning(const std::string &id) const;
  // Fails when a process of the run, or a file outside of the recording, is still there.
  void expect_no_leftovers() const;

  TempDir dir_;
  std::filesystem::path recording_;
};

} // namespace sgperf::test
