// SPDX-License-Identifier: Apache-2.0
#include "run/guest_options.h"

#include <cstdlib>
#include <filesystem>

namespace sgperf::run {

bool parse_guest_folder(const std::string &text, std::string &folder, std::string &error) {
  const size_t colons = text.find("::");
  folder = text.substr(0, colons);
  const std::string guest = colons == std::string::npos ? "." : text.substr(colons + 2);
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    error = text + ": expected a folder, found " +
            (std::filesystem::exists(folder, ignored) ? "something else: " : "nothing: ") + folder;
    return false;
  }
  if (guest == "." || guest == "./") return true;
  error =
      text + ": expected the guest's name of the folder to be `.`, found `" + guest +
      "`: every engine gives a guest one folder, as `.`, so that all see the same; put what it needs below one folder";
  return false;
}

bool parse_guest_variable(const std::string &text, std::string &entry, std::string &error) {
  const size_t equals = text.find('=');
  entry = text;
  if (equals != std::string::npos && equals > 0) return true;
  const char *own = equals == std::string::npos ? std::getenv(text.c_str()) : nullptr;
  if (own) {
    entry += std::string("=").append(own);
    return true;
  }
  error = text + ": expected NAME=value, or the name of a variable that is set";
  return false;
}

} // namespace sgperf::run
