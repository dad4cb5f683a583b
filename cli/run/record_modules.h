// SPDX-License-Identifier: Apache-2.0
// The WebAssembly modules that a recorded program was given, kept beside the samples: names and lines come from them,
// on another machine too.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sgperf::run {

// Copies each word of a command that names a module (by its first bytes) to `folder`, as module-<sha256>-<its
// name>.wasm. Words are looked up in `working_directory`.  Problems are sentences in `problems`.
void keep_modules(const std::vector<std::string> &command, const std::filesystem::path &working_directory,
                  const std::filesystem::path &folder, std::string &problems);

// Gives modules that came with sessions (module-<key>-<n>.wasm, which the library writes) the name
// module-<sha256>.wasm; one of which `folder` has the bytes already, and what is no whole module, is removed.
void name_modules(const std::filesystem::path &folder, std::string &problems);
void remove_modules(const std::filesystem::path &folder);

} // namespace sgperf::run
