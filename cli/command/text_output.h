// SPDX-License-Identifier: Apache-2.0
// Where a subcommand's text goes.
#pragma once

#include <string>

namespace sgperf::command {

// To the file; to stdout if its name is empty or "-".  False: a message of `command` on stderr says what went wrong.
bool write_text(const char *command, const std::string &text, const std::string &file);

} // namespace sgperf::command
