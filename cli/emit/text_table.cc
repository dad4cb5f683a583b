// SPDX-License-Identifier: Apache-2.0
#include "emit/text_table.h"

#include <algorithm>
#include <cstdint>

namespace sgperf::emit {
namespace {

// The character at `at` of valid UTF-8, and its length.
uint32_t character(std::string_view text, size_t at, size_t &length) {
  const auto first = static_cast<unsigned char>(text[at]);
  length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  length = std::min(length, text.size() - at);
  uint32_t code = first < 0x80 ? first : first & (0xff >> (length + 1));
  for (size_t i = 1; i < length; ++i) code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3f);
  return code;
}

size_t width_of(uint32_t code) {
  if (code >= 0x300 && code <= 0x36f) return 0; // combining marks
  if (code == 0x200b || code == 0x200d || (code >= 0xfe00 && code <= 0xfe0f)) return 0;
  const bool wide = (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) ||
                    (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) ||
                    (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) ||
                    (code >= 0x1f300 && code <= 0x1faff) || (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}

// Names and messages come from others: no control character of theirs reaches the terminal.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return out;
}

std::string padded(const std::string &text, size_t width, TextTable::Align align) {
  const size_t used = display_width(text);
  const std::string space(width > used ? width - used : 0, ' ');
  return align == TextTable::left ? text + space : space + text;
}

} // namespace

size_t display_width(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0, length = 0; at < text.size(); at += length) width += width_of(character(text, at, length));
  return width;
}

std::string shortened(const std::string &text, size_t width) {
  if (display_width(text) <= width) return text;
  if (width <= 4) return text.substr(0, 0) + std::string(width, '.');
  const size_t room = width - 2, front = room / 2;
  std::string begin;
  size_t used = 0, at = 0, length = 0;
  for (; at < text.size(); at += length) {
    const size_t next = width_of(character(text, at, length));
    if (used + next > front) break;
    used += next;
    begin.append(text, at, length);
  }
  std::string end = text.substr(at);
  while (!end.empty() && display_width(end) > room - used) {
    character(end, 0, length);
    end.erase(0, length);
  }
  return begin + ".." + end;
}

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

void TextTable::row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string &cell : cells) cell = printable(cell);
  rows_.push_back({Row::cells, std::move(cells)});
}

void TextTable::group(std::string text) {
  rows_.push_back({Row::heading, {printable(text)}});
}
void TextTable::remark(std::string text) {
  rows_.push_back({Row::note, {printable(text)}});
}

std::string TextTable::text(const TextStyle &style) const {
  std::vector<size_t> widths;
  for (const Column &column : columns_) widths.push_back(display_width(column.title));
  for (const Row &row : rows_)
    if (row.kind == Row::cells)
      for (size_t i = 0; i < row.texts.size(); ++i) widths[i] = std::max(widths[i], display_width(row.texts[i]));
  size_t all = 2 * (widths.size() - 1) + 2;
  for (const size_t width : widths) all += width;
  // Too long: the widest column of names gives way, letter by letter, down to a dozen.
  while (style.width && all > style.width) {
    size_t widest = widths.size();
    for (size_t i = 0; i < widths.size(); ++i)
      if (columns_[i].align == left && widths[i] > 12 && (widest == widths.size() || widths[i] > widths[widest]))
        widest = i;
    if (widest == widths.size()) break;
    --widths[widest];
    --all;
  }
  std::string out;
  const auto line = [&](const std::vector<std::string> &cells) {
    std::string one = "  ";
    for (size_t i = 0; i < widths.size(); ++i) {
      if (i) one += "  ";
      one += padded(shortened(cells[i], widths[i]), widths[i], columns_[i].align);
    }
    one.erase(one.find_last_not_of(' ') + 1);
    return one;
  };
  std::vector<std::string> titles;
  for (const Column &column : columns_) titles.push_back(column.title);
  out += bold(line(titles), style) + "\n";
  for (const Row &row : rows_) {
    if (row.kind == Row::cells)
      out += line(row.texts) + "\n";
    else if (row.kind == Row::heading)
      out += bold(shortened(row.texts[0], style.width ? style.width : SIZE_MAX), style) + "\n";
    else
      out += wrapped("      " + row.texts[0], 8, style);
  }
  return out;
}

std::string bold(const std::string &text, const TextStyle &style) {
  return style.color ? "\x1b[1m" + text + "\x1b[0m" : text;
}

std::string title(const std::string &text, const TextStyle &style) {
  std::string lines = wrapped(text, 2, style);
  lines.pop_back();
  return "\n" + bold(lines, style) + "\n";
}

std::string wrapped(const std::string &text, size_t indent, const TextStyle &style) {
  std::string out, line;
  size_t at = text.find_first_not_of(' ');
  if (at == std::string::npos) return "\n";
  line.assign(at, ' ');
  bool fresh = true;
  while (at < text.size()) {
    const size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = printable(text.substr(at, end - at));
    if (!fresh && style.width && display_width(line) + 1 + display_width(word) > style.width) {
      out += line + "\n";
      line.assign(indent, ' ');
      fresh = true;
    }
    if (!fresh) line += ' ';
    line += word;
    fresh = false;
    at = text.find_first_not_of(' ', end);
  }
  return out + line + "\n";
}

} // namespace sgperf::emit
