// SPDX-License-Identifier: Apache-2.0
// An installation in a temporary folder, made once for all tests of this program.
#pragma once

#include "support/process.h"

#include <filesystem>
#include <string>
#include <vector>

namespace sgperf::test {

class Installed {
public:
  static const Installed &get();
  const std::string &error() const { return error_; } // of the installation, empty = good
  std::filesystem::path prefix() const { return prefix_; }
  std::filesystem::path libdir() const { return libdir_; }
  // Runs in `dir` with this installation first on every path, and with nothing else of the caller's environment but
  // PATH and HOME.  Sessions go to dir/sessions.
  Result run(const std::filesystem::path &dir, const std::vector<std::string> &argv,
             const std::vector<std::string> &extra = {}) const;

private:
  Installed();
  std::filesystem::path destdir_, prefix_, libdir_;
  std::string error_;
};

} // namespace sgperf::test
