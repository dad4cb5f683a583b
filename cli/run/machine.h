// SPDX-License-Identifier: Apache-2.0
// The machine: what it is (fingerprint), how it is just now, and what about that makes timing doubtful.
#pragma once

#include "record/meta.h"

#include <map>
#include <string>
#include <vector>

namespace sgperf::run {

// CPU time of all processors since boot, as /proc/stat counts it.
struct CpuTimes {
  double all = 0, stolen = 0;
};
CpuTimes cpu_times();

// Everything that can be known without privileges; what cannot is "unknown", never an empty text.  `before` was taken
// some time ago: the steal since then is told (without it, since boot).
std::map<std::string, std::string> machine_fingerprint(const CpuTimes &before = {});

// W001 load, W002 steal, W003 frequency, W004 ASLR, W005 not pinned, ..; docs/methods.md has the list.
std::vector<record::Warning> machine_warnings(const std::map<std::string, std::string> &machine, int pin);

// Clocks at one moment, for meta.anchors.
std::map<std::string, uint64_t> clock_anchor();

// CPUs this process may run on.
std::vector<int> allowed_cpus();

} // namespace sgperf::run
