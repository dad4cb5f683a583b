// SPDX-License-Identifier: Apache-2.0
// Where things are, in a build tree and in an installed one: everything follows from the place of this executable.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sgperf::run {

struct Paths {
  bool build_tree = false;
  std::filesystem::path root;                          // build directory, or installation prefix
  std::filesystem::path worker;                        // sgperf-worker
  std::filesystem::path library;                       // libsgperf.so.1
  std::vector<std::filesystem::path> plugin_folders;   // $SGPERF_ENGINES first
  std::vector<std::filesystem::path> workload_folders; // $SGPERF_BENCHMARKS first
  std::filesystem::path cache;                         // $SGPERF_CACHE, $XDG_CACHE_HOME/sgperf, ~/.cache/sgperf
};

const Paths &paths();

// `name` in the plug-in folders: libsgperf-engine-<name>.so; empty when there is none.
std::filesystem::path find_plugin(const std::string &name);
// All that are there, by name; a name found twice counts where it is found first.
std::vector<std::pair<std::string, std::filesystem::path>> installed_plugins();

} // namespace sgperf::run
