// SPDX-License-Identifier: Apache-2.0
// Pages of the session file of a process, mapped here.
#pragma once

#include "probes/find_session.h"

#include <sys/types.h>

#include <cstdint>

namespace sgperf::probes {

// The session's file as the process sees it, which may have another root; -1: it is not to be had.
int open_session(pid_t pid, const std::string &path);
void *map_session_page(int fd, uint64_t offset); // nullptr: not to be had
void unmap_session_page(void *page);
bool is_header_of(const void *page, uint32_t pid);

} // namespace sgperf::probes
