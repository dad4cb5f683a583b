// SPDX-License-Identifier: Apache-2.0
// Why a part of the probes cannot be had here, in a form that a program can show as it likes.
#pragma once

#include <string>
#include <vector>

namespace sgperf::probes {

enum class Part { all, tree, syscalls, samples, faults, breakpoints, frames };
const char *to_text(Part part);

enum class Cause {
  not_built,     // this sgperf was built without eBPF
  architecture,  // not x86-64
  no_btf,        // the kernel does not describe its types
  privilege,     // CAP_BPF and CAP_PERFMON, or root
  lockdown,      // kernel lockdown in confidentiality mode
  pid_namespace, // ids that the kernel's programs see are not the ones that this process sees
  no_event,      // the perf event is not there
  kernel,        // the kernel refused a program: too old, or built without something
  resources,     // descriptors, memory
};

// One thing that is missing.
struct Refusal {
  Part part = Part::all;
  Cause cause = Cause::kernel;
  std::string what;   // "system calls: the kernel refused the program sys_enter"
  std::string found;  // what was looked for and what was there: "expected CAP_BPF and CAP_PERFMON, found neither"
  std::string remedy; // how to get it; empty = there is no way on this machine

  std::string text() const; // all of it in one line
};

// What can be told before anything is tried; empty = nothing is known to be missing.  slow: reads /proc and /sys.
std::vector<Refusal> preflight();

} // namespace sgperf::probes
