// SPDX-License-Identifier: Apache-2.0
// Code that was made at run time, in the two forms that perf's tools know: a jitdump or a perf map for each process.
#pragma once

#include "merge/profile_export.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sgperf::emit {

struct CodeFile {
  uint32_t pid = 0;
  std::string name; // as perf's tools look for it: "jit-12.dump", "perf-12.map"
  std::string bytes;
  uint64_t functions = 0;
  uint64_t left_out = 0; // too large for a record, or too much of their code is not known
};

// Functions in the order in which they were loaded, with their bytes and lines; `perf inject --jit` reads it.
std::vector<CodeFile> jitdump_files(const merge::ProfileExport &from);
// The same functions as text.  The form has no times: what was loaded last at an address is the last line about it.
std::vector<CodeFile> perf_map_files(const merge::ProfileExport &from);

} // namespace sgperf::emit
