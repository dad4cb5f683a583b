// SPDX-License-Identifier: Apache-2.0
// What a perf.data says besides its records: events and features.  Layout: tools/perf/Documentation/
// perf.data-file-format.txt, and what perf 6.1 writes where the two differ.
#pragma once

#include "formats/perf_event.h"

#include <optional>
#include <string>
#include <vector>

namespace sgperf::formats {

// One event (evsel) of a file.
struct PerfEvent {
  perf_event_attr attr{};
  std::string name;          // "cpu-clock:u"; empty if the file does not say
  std::vector<uint64_t> ids; // of its instances a CPU or thread; samples with ID or IDENTIFIER have one of them
};

struct PerfBuildId {
  int32_t pid = -1;
  uint16_t misc = PERF_RECORD_MISC_USER; // USER, or KERNEL for [kernel.kallsyms] and modules
  PerfBuildIdBytes id;
  std::string path;
};

struct PerfClockData {
  uint32_t clockid = 0;
  uint64_t wall_ns = 0, clock_ns = 0; // the same moment on CLOCK_REALTIME and on `clockid`
};

enum : uint32_t {
  perf_feature_tracing_data = 1,
  perf_feature_build_id = 2,
  perf_feature_hostname = 3,
  perf_feature_os_release = 4,
  perf_feature_version = 5,
  perf_feature_arch = 6,
  perf_feature_nrcpus = 7,
  perf_feature_cpu_description = 8,
  perf_feature_cpu_id = 9,
  perf_feature_total_memory = 10,
  perf_feature_command = 11,
  perf_feature_event_desc = 12,
  perf_feature_sample_time = 21,
  perf_feature_clock_resolution = 23,
  perf_feature_compressed = 27,
  perf_feature_clock_data = 29,
};

// Sections after the data.  The writer fills sample_time and EVENT_DESC itself.
struct PerfFeatures {
  std::string hostname, os_release, version, arch, cpu_description, cpu_id;
  uint32_t cpus_available = 0, cpus_online = 0;
  uint64_t total_memory_kb = 0;
  std::vector<std::string> command;
  std::vector<PerfBuildId> build_ids;
  uint64_t first_sample = 0, last_sample = 0; // ns
  uint64_t clock_resolution_ns = 0;           // 0: the file does not say
  std::optional<PerfClockData> clock;
  uint32_t compressed_chunk = 0;     // COMPRESSED: largest size of what one record decompresses to; 0: not compressed
  std::array<uint64_t, 4> present{}; // bits of what the file has, also of what is not decoded here
};

// Of this machine, now: host, release, CPU, memory, both clocks (CLOCK_MONOTONIC).  `version` and `command` are the
// caller's.
PerfFeatures perf_features_of_this_machine();

} // namespace sgperf::formats
