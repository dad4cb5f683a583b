// SPDX-License-Identifier: Apache-2.0
// Programs that the preloaded library cannot be in.
#pragma once

#include <string>

namespace sgperf::run {

// Why LD_PRELOAD has no effect on the program that execvp would start, and what to do instead; empty: it has one, or
// the program cannot be read.  Setuid, setgid and with capabilities of its own (for whoever runs sgperf now),
// statically linked, for another processor (32-bit too) or another libc.  A script is as the interpreter in its first
// line.
std::string preload_refusal(const std::string &program);

} // namespace sgperf::run
