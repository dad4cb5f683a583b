// SPDX-License-Identifier: Apache-2.0
// The perf events of a recording, as perf.data describes them.
#pragma once

#include <linux/perf_event.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace sgperf::run {

struct EventKind {
  const char *name; // as perf has it
  uint32_t type;
  uint64_t config;
};
// What can be sampled, the best first.
std::span<const EventKind> event_kinds();

struct AttrOptions {
  uint64_t frequency = 999; // Hz
  bool callchain = true;
  bool kernel = true;      // samples in the kernel as well
  bool on_exec = true;     // off until the task's next exec
  size_t wakeup_bytes = 0; // of the ring buffer
};

// Samples with registers and 64 stack bytes (for the repair of a leaf's caller), mappings, names, forks and exits.
perf_event_attr sampling_attr(const EventKind &kind, const AttrOptions &options);
// Mappings, names, forks and exits only: samples come from elsewhere (tagged_attr).
perf_event_attr tracking_attr(const AttrOptions &options);
// What samples of the probes look like: as sampling_attr(), with a region tag (record/region_tag.h) in PERF_SAMPLE_RAW.
perf_event_attr tagged_attr(const EventKind &kind, const AttrOptions &options);
// One system call of `rate`, with a region tag that has its number, duration and stack; no event of the kernel's.
perf_event_attr syscall_attr(uint64_t rate);

} // namespace sgperf::run
