// SPDX-License-Identifier: Apache-2.0
// The compilers that headers are tried with.
#pragma once

#include "support/process.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace sgperf::test {

inline bool is_installed(const std::string &program) {
  const char *path = std::getenv("PATH");
  for (std::string rest = path ? path : ""; !rest.empty();) {
    const size_t end = rest.find(':');
    if (access((std::filesystem::path(rest.substr(0, end)) / program).c_str(), X_OK) == 0) return true;
    rest = end == std::string::npos ? "" : rest.substr(end + 1);
  }
  return false;
}

struct Compiler {
  std::string name;
  bool cpp;
};

// gcc and every clang that is there: "clang" or the one of Debian 12's clang-16 package.
inline std::vector<Compiler> compilers() {
  std::vector<Compiler> found;
  for (const auto &[c, cpp] : {std::pair{"gcc", "g++"}, {"clang", "clang++"}, {"clang-16", "clang++-16"}}) {
    if (is_installed(c)) found.push_back({c, false});
    if (is_installed(cpp)) found.push_back({cpp, true});
  }
  return found;
}

inline std::filesystem::path source(const std::string &name) {
  return source_dir() / "tests/compile/sources" / name;
}

inline std::vector<std::string> command(const Compiler &compiler, const std::vector<std::string> &arguments) {
  std::vector<std::string> all{compiler.name,
                               "-Wall",
                               "-Wextra",
                               "-Wpedantic",
                               "-Wshadow",
                               "-Wconversion",
                               "-Wcast-qual",
                               "-Wundef",
                               "-Werror",
                               "-I" + (source_dir() / "include").string(),
                               "-I" + source_dir().string()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

} // namespace sgperf::test
