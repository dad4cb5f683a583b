// SPDX-License-Identifier: Apache-2.0
// Words as a shell writes and reads them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::run {

// As a shell takes it for one word; of NAME=value only the value is put in quotes, so that it stays an assignment.
std::string shell_quoted(const std::string &word);

// The words of a shell's command, if all in it stands for itself: no quotes, variables, patterns, operators or lines.
// nullopt: only a shell can tell.
std::optional<std::vector<std::string>> plain_words(std::string_view text);

} // namespace sgperf::run
