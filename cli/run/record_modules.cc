// SPDX-License-Identifier: Apache-2.0
#include "run/record_modules.h"

#include "run/digest.h"
#include "run/shell_words.h"

#include <fstream>

namespace sgperf::run {
namespace fs = std::filesystem;
namespace {

bool is_module(const fs::path &path) {
  std::error_code code;
  if (!fs::is_regular_file(path, code)) return false;
  std::ifstream file(path, std::ios::binary);
  char head[8] = {};
  file.read(head, sizeof head);
  return file.gcount() == sizeof head && std::string(head, 8) == std::string("\0asm\1\0\0\0", 8);
}

// As a part of a file's name: letters, digits and a few others.
std::string plain(std::string name) {
  for (char &c : name)
    if (!isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '.' && c != '-') c = '_';
  return name.substr(0, 100);
}

} // namespace

void keep_modules(const std::vector<std::string> &command, const fs::path &working_directory, const fs::path &folder,
                  std::string &problems) {
  std::vector<std::string> all = command;
  // What `sh -c` is told.
  for (const std::string &word : command)
    if (const auto words = plain_words(word); words && words->size() > 1)
      all.insert(all.end(), words->begin(), words->end());
  for (const std::string &word : all) {
    const fs::path path = working_directory / word;
    if (word.empty() || !is_module(path)) continue;
    std::error_code code;
    const fs::path to = folder / ("module-" + sha256_file(path) + "-" + plain(path.stem()) + ".wasm");
    fs::copy_file(path, to, fs::copy_options::skip_existing, code);
    if (code) problems += path.string() + ": cannot be kept in the recording: " + code.message() + "\n";
  }
}

} // namespace sgperf::run
