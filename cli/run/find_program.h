// SPDX-License-Identifier: Apache-2.0
// Programs by their names.
#pragma once

#include <string>

namespace sgperf::run {

// The file that execvp would start; empty: there is none.  A name with a slash is given back as it is.
std::string find_program(const std::string &name);

} // namespace sgperf::run
