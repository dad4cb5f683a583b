// SPDX-License-Identifier: Apache-2.0
// Reading samples.jsonl as a whole.
#pragma once

#include "record/sample.h"

#include <filesystem>
#include <functional>
#include <string_view>

namespace sgperf::record {

struct SampleCounts {
  uint64_t samples = 0;
  uint64_t unreadable = 0; // lines that are no samples
  bool torn = false;       // the last line has no end: the writer was killed there
};

// Calls `each` for every sample of the text, in order.
SampleCounts parse_samples(std::string_view text, const std::function<void(Sample &&)> &each);
// False: cannot be read, `error` says why.
bool read_samples(const std::filesystem::path &file, const std::function<void(Sample &&)> &each, SampleCounts &counts,
                  std::string &error);

} // namespace sgperf::record
