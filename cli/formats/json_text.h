// SPDX-License-Identifier: Apache-2.0
// Writing JSON by hand where rows are many: quoting, numbers, and text that is not valid UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sgperf::formats {

// Appends `text` in quotes.  Guests print anything: bytes that are not UTF-8 become U+FFFD, so that every parser reads
// what we write.
void append_json_string(std::string &out, std::string_view text);

// Shortest text that reads back as the same value.  JSON has no NaN and no infinity: these become null.
void append_json_number(std::string &out, double value);
void append_json_number(std::string &out, uint64_t value);

// The same repair without the quotes.
std::string valid_utf8(std::string_view text);

} // namespace sgperf::formats
