// SPDX-License-Identifier: Apache-2.0
// bench.start and bench.end for a runtime that does not have them: what supplies them, and which modules ask for them.
// What they do is in libsgperf/mark_layout.h.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::run {

struct MarkedModule {
  std::filesystem::path path;
  bool imports = false; // bench.start or bench.end
  std::string call;     // of one that `sgperf instrument` made: the name of the call of WASI that its marks are
};

// The first module among the words of a command behind its program that imports the marks or was instrumented.
// `folder`: where the program is started.
std::optional<MarkedModule> marked_module(const std::vector<std::string> &command, size_t program_at,
                                          const std::filesystem::path &folder);

// A module that exports start and end, without imports: two functions that do nothing.  With `marks` they sleep for so
// long as only marks do, by WASI, in a memory of their own.
std::string bench_module(bool marks);

// A script of node: what it loads afterwards and makes instances of finds bench.start and bench.end among its imports,
// unless it brings them itself.
std::string bench_script();

// Why the marks of the module that this command names cannot be seen in this runtime, and what to do; empty if nothing
// is known to be in their way.  `engine`: as the recipe calls it, empty if it is not known; `supplied`: the recipe
// brings bench.
std::string marks_refusal(const MarkedModule &module, const std::string &engine, bool supplied);

} // namespace sgperf::run
