// SPDX-License-Identifier: Apache-2.0
// Programs that an adapter starts, by their names.
#pragma once

#include <string>

namespace sgperf::engine {

// The absolute path of what execvp would start: a path as it is given, or a name looked up in PATH.  Empty: it is not
// there, or not to be executed.
std::string find_program(const std::string &name);

} // namespace sgperf::engine
