// SPDX-License-Identifier: Apache-2.0
#include "run/shell_words.h"

#include <cctype>
#include <sstream>

namespace sgperf::run {
namespace {

constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";

bool is_plain(std::string_view text) {
  return text.find_first_not_of(plain) == std::string_view::npos;
}

// How much of the word is NAME= of an assignment; 0: none of it.
size_t assigned_name(const std::string &word) {
  size_t at = 0;
  while (at < word.size() && (std::isalnum(static_cast<unsigned char>(word[at])) || word[at] == '_')) ++at;
  return at > 0 && at < word.size() && word[at] == '=' && !std::isdigit(static_cast<unsigned char>(word[0])) ? at + 1
                                                                                                             : 0;
}

} // namespace

std::string shell_quoted(const std::string &word) {
  if (!word.empty() && is_plain(word)) return word;
  const size_t name = assigned_name(word);
  std::string out = word.substr(0, name) + "'";
  for (const char c : word.substr(name)) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  out += "'";
  return out;
}

std::optional<std::vector<std::string>> plain_words(std::string_view text) {
  std::vector<std::string> out;
  std::istringstream in{std::string(text)};
  if (text.find('\n') != std::string_view::npos) return std::nullopt;
  for (std::string word; in >> word;) {
    if (!is_plain(word)) return std::nullopt;
    out.push_back(std::move(word));
  }
  return out;
}

} // namespace sgperf::run
