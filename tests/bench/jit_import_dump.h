// SPDX-License-Identifier: Apache-2.0
// Jitdumps of many functions, for timing what reads them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace sgperf::bench {

struct DumpShape {
  uint32_t functions = 0, lines_each = 0;
  static constexpr uint32_t code_each = 64; // bytes
};

// Writes `folder`/jit-PID.dump, PID this process's, with functions of 64 bytes one behind the other and names as V8
// gives them.  Maps it executable, as an engine does to tell perf about it, and never unmaps it: for processes that
// end. The path; empty: `error` says why.
std::filesystem::path write_dump(const std::filesystem::path &folder, const DumpShape &shape, std::string &error);

} // namespace sgperf::bench
