// SPDX-License-Identifier: Apache-2.0
// --scopes: libsgperf is preloaded into the workers, and its session files are taken into the recording.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sgperf::run {

class ScopeFiles {
public:
  // A private folder on the first tmpfs that there is.
  explicit ScopeFiles(std::string &error);
  ~ScopeFiles();
  ScopeFiles(const ScopeFiles &) = delete;
  ScopeFiles &operator=(const ScopeFiles &) = delete;

  void environment(std::vector<std::string> &env) const; // adds LD_PRELOAD and SGPERF_DIR
  void collect(const std::filesystem::path &recording);  // after a worker has ended

private:
  std::filesystem::path folder_;
};

} // namespace sgperf::run
