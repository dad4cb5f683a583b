// SPDX-License-Identifier: Apache-2.0
// A perf.data that stock perf opens as it is: no `perf inject`, no file a function.
//
// Beside `out` stands one ELF for each process that made code at run time, `<out>.jit-<pid>.so`, with all of its code,
// names and source lines; perf finds it by the absolute path in the file, so both move together or not at all (or:
// `perf buildid-cache --add`).  Names of native code are not in the file: perf reads them from the programs themselves.
#pragma once

#include "merge/profile_export.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::emit {

struct PerfExport {
  uint64_t samples = 0, mappings = 0;
  uint64_t functions = 0; // in the ELFs
  uint64_t left_out = 0;  // functions without a size, or beyond what one ELF can hold; samples too large for a record
  std::vector<std::filesystem::path> code_files;
};

// Writes `out` and the files beside it; older ones are replaced.  nullopt: `error` says what was expected and found.
std::optional<PerfExport> export_perf(const merge::ProfileExport &from, const std::filesystem::path &out,
                                      std::string &error);

} // namespace sgperf::emit
