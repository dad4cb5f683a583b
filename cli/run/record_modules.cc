// SPDX-License-Identifier: Apache-2.0
#include "run/record_modules.h"

#include "run/digest.h"
#include "run/shell_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>

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

constexpr std::string_view prefix = "module-";

std::vector<fs::path> modules_in(const fs::path &folder) {
  std::vector<fs::path> out;
  std::error_code code;
  for (const auto &entry : fs::directory_iterator(folder, code)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(prefix) && name.ends_with(".wasm")) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
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
    const fs::path to = folder / fmt::format("{}{}-{}.wasm", prefix, sha256_file(path), plain(path.stem()));
    fs::copy_file(path, to, fs::copy_options::skip_existing, code);
    if (code) problems += path.string() + ": cannot be kept in the recording: " + code.message() + "\n";
  }
}

void name_modules(const fs::path &folder, std::string &problems) {
  std::set<std::string> digests;
  std::vector<fs::path> others;
  std::error_code code;
  for (const fs::path &path : modules_in(folder)) {
    const std::string name = path.filename().string().substr(prefix.size());
    const size_t digits = name.find_first_not_of("0123456789abcdef");
    if (digits == 64)
      digests.insert(name.substr(0, 64));
    else
      others.push_back(path);
  }
  for (const fs::path &path : others) {
    const std::string digest = is_module(path) ? sha256_file(path) : "";
    if (digest.empty() || !digests.insert(digest).second)
      fs::remove(path, code);
    else
      fs::rename(path, folder / fmt::format("{}{}.wasm", prefix, digest), code);
    if (code) problems += path.string() + ": cannot be renamed or removed: " + code.message() + "\n";
  }
}

void remove_modules(const fs::path &folder) {
  std::error_code ignored;
  for (const fs::path &path : modules_in(folder)) fs::remove(path, ignored);
}

} // namespace sgperf::run
