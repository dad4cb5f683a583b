// SPDX-License-Identifier: Apache-2.0
// The machine: what it is (fingerprint), how it is just now, and what about that makes timing doubtful.
#pragma once

#include "record/meta.h"

#include <map>
#include <string>
#include <vector>

namespace sgperf::run {

// Everything that can be known without privileges; what cannot is "unknown", never an empty text.
std::map<std::string, std::string> machine_fingerprint();

// W001 load, W002 steal, W003 frequency, W004 ASLR, W005 not pinned, ..; docs/methods.md has the list.
std::vector<record::Warning> machine_warnings(const std::map<std::string, std::string> &machine, int pin);

// Clocks at one moment, for meta.anchors.
std::map<std::string, uint64_t> clock_anchor();

// CPUs this process may run on.
std::vector<int> allowed_cpus();

} // namespace sgperf::run
