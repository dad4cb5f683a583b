// SPDX-License-Identifier: Apache-2.0
#include "adapter/find_program.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace sgperf::engine {

namespace fs = std::filesystem;

std::string find_program(const std::string &name) {
  if (name.find('/') != std::string::npos) return access(name.c_str(), X_OK) ? "" : fs::absolute(name).string();
  const char *path = std::getenv("PATH");
  const std::string folders = path ? path : "/usr/local/bin:/usr/bin:/bin";
  for (size_t at = 0; at <= folders.size();) {
    const size_t end = std::min(folders.find(':', at), folders.size());
    const fs::path file = fs::path(folders.substr(at, end - at)) / name;
    std::error_code ignored;
    if (fs::is_regular_file(file, ignored) && !access(file.c_str(), X_OK)) return fs::absolute(file).string();
    at = end + 1;
  }
  return {};
}

} // namespace sgperf::engine
