// SPDX-License-Identifier: Apache-2.0
// wasm2c, the C compiler, and wasm-rt: where they are and how they are run.
#pragma once

#include "adapter/host.h"

#include <string>
#include <vector>

namespace sgperf::wasm2c {

inline constexpr const char *known_version = "1.0.32"; // names in the generated C differ between versions

struct Tools {
  std::string wasm2c, cc, version, runtime_folder; // wasm-rt-impl.c and .h
  std::string cc_version;                          // first line of `cc --version`
};

int find_tools(const engine::Host &host, const std::string &cc, Tools &out);

// Runs a program to its end with stdin and output in `log`.  Its exit code, or -1.
int run_tool(const std::vector<std::string> &argv, const std::string &log);

std::string read_text(const std::string &path);

// The object file of runtime.c for this compiler and these switches: from the cache, or made now.
int runtime_object(const engine::Host &host, const Tools &tools, const std::vector<std::string> &switches,
                   std::string &path);

} // namespace sgperf::wasm2c
