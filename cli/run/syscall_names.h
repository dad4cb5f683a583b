// SPDX-License-Identifier: Apache-2.0
// Names of system calls, as libseccomp knows them.
#pragma once

#include <cstdint>
#include <string>

namespace sgperf::run {

// "write"; "compat write" for a number of the 32-bit table; "syscall 999" where there is no name.
std::string syscall_name(uint32_t number, bool compat);

} // namespace sgperf::run
