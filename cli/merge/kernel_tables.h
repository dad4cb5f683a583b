// SPDX-License-Identifier: Apache-2.0
// What the kernel counted, with names: rows of system calls and page faults by phase and scope, and ends of processes.
#pragma once

#include "merge/profile.h"
#include "merge/regions.h"
#include "record/kernel_sums.h"

namespace sgperf::merge {

// Threads of one process that are in the same region become one row.  Processes that samples were not taken of are
// added.
void add_kernel_sums(Profile &profile, const record::KernelSums &sums, Regions &regions);

} // namespace sgperf::merge
