// SPDX-License-Identifier: Apache-2.0
#include "formats/perf_map.h"

#include "formats/json_text.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

namespace sgperf::formats {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Takes blanks from the front of `rest`; true if there was anything but exactly `wanted` ones.
bool odd_blanks(std::string_view &rest, size_t wanted) {
  const size_t end = std::min(std::find_if_not(rest.begin(), rest.end(), is_blank) - rest.begin(),
                              static_cast<std::ptrdiff_t>(rest.size()));
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(end);
  return taken.size() != wanted || taken.find('\t') != std::string_view::npos;
}

enum class Number { good, none, too_large };

Number take_number(std::string_view &rest, uint64_t &out, bool &prefixed) {
  if (rest.size() > 2 && rest[0] == '0' && (rest[1] | 0x20) == 'x') {
    prefixed = true;
    rest.remove_prefix(2);
  }
  const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), out, 16);
  if (problem == std::errc::invalid_argument) return Number::none;
  rest.remove_prefix(static_cast<size_t>(end - rest.data()));
  if (!rest.empty() && !is_blank(rest[0])) return Number::none; // "12g4"
  return problem == std::errc() ? Number::good : Number::too_large;
}

class Reader {
public:
  explicit Reader(PerfMap &map) : map_(map) {}
  void line(std::string_view text);
  void supersede();

private:
  PerfMap &map_;
};

void Reader::line(std::string_view text) {
  ++map_.lines;
  auto &odd = map_.odd;
  if (text.ends_with('\r')) {
    odd.add(PerfMapOdd::carriage_return);
    text.remove_suffix(1);
  }
  if (text.empty()) return;
  PerfMapEntry entry;
  entry.line = map_.lines;
  std::string_view rest = text;
  bool prefixed = false, blanks = odd_blanks(rest, 0);
  const Number address = take_number(rest, entry.address, prefixed);
  blanks = odd_blanks(rest, 1) || blanks;
  const Number size = address == Number::none ? Number::none : take_number(rest, entry.size, prefixed);
  if (size == Number::none) return odd.add(PerfMapOdd::not_a_line);
  if (address == Number::too_large || size == Number::too_large) return odd.add(PerfMapOdd::number_too_large);
  if (entry.size > UINT64_MAX - entry.address) return odd.add(PerfMapOdd::impossible_range);
  if (!rest.empty()) blanks = odd_blanks(rest, 1) || blanks;
  if (prefixed) odd.add(PerfMapOdd::prefixed);
  if (blanks) odd.add(PerfMapOdd::blanks);
  if (entry.size == 0) odd.add(PerfMapOdd::zero_size);
  if (rest.empty()) odd.add(PerfMapOdd::no_name);
  if (rest.size() > longest_perf_map_name) {
    odd.add(PerfMapOdd::over_long);
    size_t end = longest_perf_map_name;
    // Not within a character; but bytes that are no UTF-8 need no such care.
    for (int i = 0; i < 3 && (rest[end] & 0xc0) == 0x80; ++i) --end;
    rest = rest.substr(0, end);
  }
  const auto plain = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (!std::all_of(rest.begin(), rest.end(), plain) && valid_utf8(rest) != rest) odd.add(PerfMapOdd::not_utf8);
  entry.name = rest;
  map_.entries.push_back(entry);
}

void Reader::supersede() {
  std::unordered_map<uint64_t, size_t> last;
  last.reserve(map_.entries.size());
  for (size_t i = 0; i < map_.entries.size(); ++i) {
    const auto [at, added] = last.emplace(map_.entries[i].address, i);
    if (added) continue;
    map_.entries[at->second].superseded = true;
    at->second = i;
    map_.odd.add(PerfMapOdd::duplicate);
  }
}

} // namespace

const char *to_text(PerfMapOdd kind) {
  switch (kind) {
  case PerfMapOdd::prefixed:
    return "numbers with 0x";
  case PerfMapOdd::blanks:
    return "lines with other blanks than one";
  case PerfMapOdd::carriage_return:
    return "lines that end with CR";
  case PerfMapOdd::unfinished:
    return "last line without a newline";
  case PerfMapOdd::zero_size:
    return "functions of size 0";
  case PerfMapOdd::duplicate:
    return "addresses given again";
  case PerfMapOdd::not_utf8:
    return "names that are not UTF-8";
  case PerfMapOdd::over_long:
    return "names cut at 4096 bytes";
  case PerfMapOdd::no_name:
    return "functions without a name";
  case PerfMapOdd::not_a_line:
    return "lines without address and size";
  case PerfMapOdd::number_too_large:
    return "numbers of more than 64 bits";
  case PerfMapOdd::impossible_range:
    return "functions at impossible addresses";
  case PerfMapOdd::count:
    break;
  }
  return "?";
}

PerfMap read_perf_map(std::string_view text) {
  PerfMap map;
  Reader reader(map);
  while (!text.empty()) {
    const size_t end = text.find('\n');
    reader.line(text.substr(0, end));
    if (end == std::string_view::npos) {
      map.odd.add(PerfMapOdd::unfinished);
      break;
    }
    text.remove_prefix(end + 1);
  }
  reader.supersede();
  return map;
}

void append_perf_map_line(std::string &out, uint64_t address, uint64_t size, std::string_view name) {
  char digits[40];
  char *at = std::to_chars(digits, digits + 16, address, 16).ptr;
  *at++ = ' ';
  at = std::to_chars(at, at + 16, size, 16).ptr;
  *at++ = ' ';
  out.append(digits, at);
  const auto control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
  std::string shown = valid_utf8(name);
  std::replace_if(shown.begin(), shown.end(), control, ' ');
  // A reader that takes blanks for one, or cuts them off, is to find the same name.
  const size_t first = shown.find_first_not_of(' ');
  out.append(first == std::string::npos ? "[unnamed]" : std::string_view(shown).substr(first));
  out.push_back('\n');
}

} // namespace sgperf::formats
