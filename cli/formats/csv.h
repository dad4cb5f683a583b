// SPDX-License-Identifier: Apache-2.0
// CSV as RFC 4180 has it: fields in quotes where they need them, quotes doubled.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sgperf::formats {

using CsvRow = std::vector<std::string>;

// All rows of a text; empty lines are no rows.  A quote that is never closed ends with the text.
std::vector<CsvRow> parse_csv(std::string_view text);
void append_csv_field(std::string &out, std::string_view field);
// With the newline.
void append_csv_row(std::string &out, const CsvRow &row);

} // namespace sgperf::formats
