// SPDX-License-Identifier: Apache-2.0
#include "run/output_check.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <string_view>

namespace sgperf::run {
namespace {

// Next line without its end; false at the end of the text.
bool next_line(std::string_view &rest, std::string_view &line) {
  if (rest.empty()) return false;
  const size_t end = rest.find('\n');
  line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return true;
}

std::string quoted(std::string_view line) {
  std::string out = "\"";
  for (const char c : line.substr(0, 80)) {
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char hex[8];
      snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned char>(c));
      out += hex;
    } else
      out += c;
  }
  return out + (line.size() > 80 ? "..\"" : "\"");
}

} // namespace

std::string first_difference(const std::string &stream, const std::string &expected, const std::string &found) {
  std::string_view want = expected, have = found, want_line, have_line;
  for (unsigned number = 1;; ++number) {
    const bool more_want = next_line(want, want_line), more_have = next_line(have, have_line);
    if (!more_want && !more_have) return "";
    const std::string where = stream + " line " + std::to_string(number) + ": ";
    if (!more_have) return where + "expected " + quoted(want_line) + ", found the end of the output";
    if (!more_want) return where + "expected the end of the output, found " + quoted(have_line);
    if (want_line != have_line) return where + "expected " + quoted(want_line) + ", found " + quoted(have_line);
  }
}

std::string read_whole(const std::string &path) {
  std::string text;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return text;
  char buffer[65536];
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<size_t>(n));
  close(fd);
  return text;
}

std::string tail_of(const std::string &text, unsigned lines, size_t bytes) {
  size_t at = text.size();
  while (at > 0 && text[at - 1] == '\n') --at;
  const size_t end = at;
  for (unsigned seen = 0; at > 0; --at)
    if (text[at - 1] == '\n' && ++seen == lines) break;
  if (end - at > bytes) at = end - bytes;
  while (at < end && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at; // not in the middle of a character
  return text.substr(at, end - at);
}

std::string short_hash(const std::string &text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  char hex[17];
  snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(hash));
  return hex;
}

OutputCheck::OutputCheck(std::string stream, std::string expected_path, std::string found_path)
    : stream_(std::move(stream)), expected_path_(std::move(expected_path)), found_path_(std::move(found_path)) {
  if (!expected_path_.empty()) expected_ = read_whole(expected_path_);
}

std::string OutputCheck::check() {
  const std::string found = read_whole(found_path_);
  if (have_good_ && found == good_) return "";
  hash_ = short_hash(found);
  if (!expected_path_.empty()) {
    const std::string difference = first_difference(stream_, expected_, found);
    if (!difference.empty()) return difference + " (expected output: " + expected_path_ + ")";
  }
  good_ = found;
  have_good_ = true;
  return "";
}

} // namespace sgperf::run
