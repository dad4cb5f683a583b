// SPDX-License-Identifier: Apache-2.0
// Golden files: what a command prints, kept beside the test.  `ninja regenerate-goldens` writes them anew; look at the
// difference before you keep it.
#pragma once

#include <string>

namespace sgperf::test {

// Compares with tests/<room>/<name>.golden of the source tree; a failure shows the first line that differs.
void expect_golden(const std::string &room, const std::string &name, const std::string &text);

// Numbers that change from run to run as patterns: "12.3 ms" -> "<time>", counts of blanks -> one, dates, pids.
std::string as_pattern(const std::string &text);

} // namespace sgperf::test
