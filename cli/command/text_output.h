// SPDX-License-Identifier: Apache-2.0
// Where a subcommand's text goes.
#pragma once

#include "emit/text_table.h"

#include <string>

namespace sgperf::command {

// To the file; to stdout if its name is empty or "-".  False: a message of `command` on stderr says what went wrong.
bool write_text(const char *command, const std::string &text, const std::string &file);

// As stdout is: colours on a terminal only, and never with NO_COLOR.
emit::TextStyle terminal_style();

} // namespace sgperf::command
