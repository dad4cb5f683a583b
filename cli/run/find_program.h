// SPDX-License-Identifier: Apache-2.0
// Programs by their names.
#pragma once

#include <functional>
#include <string>

namespace sgperf::run {

// The file that execvp would start; empty: there is none.  A name with a slash is given back as it is.
// `wanted`: what execvp would start but is not, the search goes on behind.
std::string find_program(const std::string &name, const std::function<bool(const std::string &file)> &wanted = {});

// By its first bytes; false also where it cannot be read.
bool is_elf_file(const std::string &path);

} // namespace sgperf::run
