// SPDX-License-Identifier: Apache-2.0
// A guest's output against what is expected: line by line as Sightglass does, so a missing last newline or CRLF is no
// difference; the first difference is told with its line.
#pragma once

#include <cstdint>
#include <string>

namespace sgperf::run {

// "" when equal, else what was expected and found, e.g. "stdout line 3: expected \"13\", found \"12\"".
std::string first_difference(const std::string &stream, const std::string &expected, const std::string &found);

// Whole file; "" when it cannot be read.
std::string read_whole(const std::string &path);
// The last `lines` lines, at most `bytes` long.
std::string tail_of(const std::string &text, unsigned lines = 12, size_t bytes = 2000);

// FNV-1a 64 as 16 hex digits: a name for an output, not a proof.
std::string short_hash(const std::string &text);

// Checks one output file on every iteration; after a match the same bytes are recognised without another line compare.
class OutputCheck {
public:
  // `expected_path` empty: nothing is compared, only hash() is kept.
  OutputCheck(std::string stream, std::string expected_path, std::string found_path);
  // "" or the difference.
  std::string check();
  const std::string &hash() const { return hash_; }

private:
  std::string stream_, expected_path_, found_path_, expected_, good_, hash_;
  bool have_good_ = false;
};

} // namespace sgperf::run
