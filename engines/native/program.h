// SPDX-License-Identifier: Apache-2.0
// A native workload that is a program: run as a child process, its bench marks read from its session.
#pragma once

#include "adapter/host.h"

#include <string>

namespace sgperf::native {

// Runs `path` with the guest's arguments, files and directory.  Raises CALL around the child's life, and reports each
// of its bench regions as EXECUTE through region_at.
int run_program(const engine::Host &host, const std::string &path, int *exit_code);

// libsgperf.so.1 beside this plug-in, installed or in a build tree; empty if there is none.
std::string runtime_library();

} // namespace sgperf::native
