// SPDX-License-Identifier: Apache-2.0
// `sgperf record`: a program as it is, with the library preloaded -> recording.
#pragma once

#include <string>
#include <vector>

namespace sgperf::run {

struct RecordOptions {
  std::vector<std::string> command;
  std::string output = "sgperf.data"; // an older recording is kept as <output>.old
  std::string timer;                  // "tsc", "clock" or empty
  std::string sites;                  // SGPERF_SITES
  bool isolate = false;               // once more a site, with only that site on
  bool quiet = false;
};

// Exit code of the program (128 + signal), 126 or 127 if it could not be started, 4 if nothing can be recorded here.
int run_record(const RecordOptions &options);

} // namespace sgperf::run
