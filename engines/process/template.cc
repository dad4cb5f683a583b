// SPDX-License-Identifier: Apache-2.0
#include "process/template.h"

#include <algorithm>
#include <cctype>

namespace sgperf::process {

namespace {

constexpr std::string_view places[] = {"{}", "{args}", "{flags}", "{dir}", "{loader}"};

void replace(std::string &word, std::string_view place, const std::string &with) {
  for (size_t at = 0; (at = word.find(place, at)) != std::string::npos; at += with.size())
    word.replace(at, place.size(), with);
}

} // namespace

std::optional<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false; // of a word, which may be empty: ''
  char quote = 0;
  for (size_t i = 0; i < text.size(); i++) {
    const char c = text[i];
    if (!quote && std::isspace(static_cast<unsigned char>(c))) {
      if (inside) words.push_back(word);
      word.clear();
      inside = false;
      continue;
    }
    inside = true;
    if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      if (quote && text[i + 1] != '"' && text[i + 1] != '\\') word += c;
      word += text[++i];
    } else if (c == quote)
      quote = 0;
    else if (!quote && (c == '\'' || c == '"'))
      quote = c;
    else
      word += c;
  }
  if (quote) return std::nullopt;
  if (inside) words.push_back(word);
  return words;
}

// A brace that is no place is the program's own business, unless it looks like one.
std::string unknown_place(const std::vector<std::string> &words) {
  for (const std::string &word : words)
    for (size_t at = 0; (at = word.find('{', at)) != std::string::npos; at++) {
      const size_t end = word.find_first_not_of("abcdefghijklmnopqrstuvwxyz", at + 1);
      if (end == std::string::npos || word[end] != '}') continue;
      const std::string place = word.substr(at, end + 1 - at);
      if (std::find(std::begin(places), std::end(places), place) == std::end(places)) return place;
      if ((place == "{args}" || place == "{flags}") && word != place) return word; // would be one word of several
    }
  return {};
}

bool has_place(const std::vector<std::string> &words, std::string_view place) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string &word) { return word.find(place) != std::string::npos; });
}

std::vector<std::string> fill(const std::vector<std::string> &words, const Places &places) {
  std::vector<std::string> out;
  for (std::string word : words) {
    if (word == "{args}" || word == "{flags}") {
      const std::vector<std::string> &several = word == "{args}" ? places.args : places.flags;
      out.insert(out.end(), several.begin(), several.end());
      continue;
    }
    replace(word, "{}", places.module);
    replace(word, "{dir}", places.directory);
    replace(word, "{loader}", places.loader);
    out.push_back(word);
  }
  if (!has_place(words, "{}")) out.push_back(places.module);
  if (!has_place(words, "{args}")) out.insert(out.end(), places.args.begin(), places.args.end());
  return out;
}

} // namespace sgperf::process
