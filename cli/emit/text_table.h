// SPDX-License-Identifier: Apache-2.0
// Aligned columns for a terminal or a file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sgperf::emit {

struct TextStyle {
  bool color = false; // only on a terminal, and never with NO_COLOR
  size_t width = 120; // of a line; 0 = as wide as it needs
};

// Columns on a terminal that one character takes: combining marks none, wide East Asian characters two.
size_t display_width(std::string_view text);
// Shortened in the middle, ".." in place of the rest: both ends of a name tell something.
std::string shortened(const std::string &text, size_t width);

class TextTable {
public:
  enum Align { left, right };
  struct Column {
    std::string title;
    Align align = right;
  };

  explicit TextTable(std::vector<Column> columns);
  void row(std::vector<std::string> cells);
  // A line of its own across the table: the heading of a group.
  void group(std::string text);
  // An indented line of text that is wrapped, not cut: what went wrong in the row before.
  void remark(std::string text);
  bool empty() const { return rows_.empty(); }
  // Columns of names give way when a line would be too long.
  std::string text(const TextStyle &style) const;

private:
  struct Row {
    enum Kind { cells, heading, note } kind;
    std::vector<std::string> texts;
  };
  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

std::string bold(const std::string &text, const TextStyle &style);
// A section's title line.
std::string title(const std::string &text, const TextStyle &style);
// Wrapped at blanks to the width; following lines begin with `indent` blanks.
std::string wrapped(const std::string &text, size_t indent, const TextStyle &style);

} // namespace sgperf::emit
