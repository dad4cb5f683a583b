// SPDX-License-Identifier: Apache-2.0
// Modules built while a test runs, by clang and wasm-ld themselves: clang's driver would run wasm-opt if there is one,
// and that drops names and lines.
#pragma once

#include "support/process.h"

#include <filesystem>
#include <string>
#include <vector>

namespace sgperf::test {

struct WasmBuild {
  std::string name = "guest.c"; // C, or C++ by its suffix
  std::vector<std::string> compile{"-O1", "-g"};
  std::vector<std::string> link{"--no-entry", "--export-dynamic"};
};

// Writes FOLDER/guest.wasm and gives its bytes; empty: `why` has what the tools said.
std::string build_wasm(const std::filesystem::path &folder, const std::string &source, std::string &why,
                       const WasmBuild &build = {});

// A module with names, lines, an import, an inlined function and a function that is called only.
extern const char *const guest_source;

} // namespace sgperf::test
