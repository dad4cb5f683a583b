// SPDX-License-Identifier: Apache-2.0
// An installation in a temporary folder, made once for all tests of this program.
#pragma once

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
  std::filesystem::path command() const { return prefix_ / "bin/sgperf"; }
  // For a program that shall see this installation and nothing of the build folder.
  std::vector<std::string> environment() const;

private:
  Installed();
  std::filesystem::path destdir_, prefix_, libdir_;
  std::string error_;
};

} // namespace sgperf::test
