// SPDX-License-Identifier: Apache-2.0
// Sightglass's measurements -> Sightglass's summary.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sgperf::emit {

struct SummaryOptions {
  std::string input;           // "json", "csv"; empty = seen from the text
  std::string output = "text"; // "text", "json", "csv"
  bool nine_columns = false;   // Sightglass's first form: no engine_flags, no median
};

struct NamedText {
  std::string name, text; // of a file
};

// nullopt: `error` names the file, what was expected and found.
std::optional<std::string> sightglass_summary(const std::vector<NamedText> &files, const SummaryOptions &options,
                                              std::string &error);

} // namespace sgperf::emit
