// SPDX-License-Identifier: Apache-2.0
// Sightglass's measurements -> recording.
#pragma once

#include <string>
#include <vector>

namespace sgperf::run {

struct ImportOptions {
  std::vector<std::string> files;
  std::string output = "sgperf.data"; // an older recording is kept as <output>.old
  std::string format;                 // "sightglass-json", "sightglass-csv"; empty = seen from the text
};

// Exit code; problems are printed to stderr.  Nothing is written unless all files could be read.
int import_sightglass(const ImportOptions &options);

} // namespace sgperf::run
