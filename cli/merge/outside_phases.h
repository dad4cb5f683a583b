// SPDX-License-Identifier: Apache-2.0
// Phases of processes without our library: by what the recorder saw of the code that they published, and by the marks
// of a benchmark that it heard.
#pragma once

#include "record/kernel_sums.h"
#include "record/session.h"

#include <set>
#include <vector>

namespace sgperf::merge {

// What a session of such a process would say of its phases, if it had one: start-up+compile | instantiate | execute |
// teardown, cut as cut_at_hits() does it, and the bench regions.  One for each process that published code or made
// marks and is not in `with_session` (pids). It has no sites, and no file.
std::vector<record::Session> sessions_from_outside(const record::KernelSums &sums,
                                                   const std::set<uint32_t> &with_session);

} // namespace sgperf::merge
