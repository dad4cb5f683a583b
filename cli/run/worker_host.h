// SPDX-License-Identifier: Apache-2.0
// The worker's side of engine.h: the callbacks that an engine and its guest call, and the boundaries they record.
#pragma once

#include "run/measures/meter.h"
#include "sgperf/engine.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace sgperf::run {

inline constexpr uint32_t hook_capacity =
    8; // a power of two; a guest that calls its hooks more often is an error anyway
inline constexpr uint32_t region_count = SGPERF_REGION_CALL + 1;

struct RegionMarks {
  Boundary begin, end;
  uint64_t begin_ns = 0; // CLOCK_MONOTONIC, taken with the first region of an iteration only
  uint32_t begun = 0, ended = 0;
  uint64_t at_begin_ns = 0, at_end_ns = 0; // region_at: told afterwards, by wall clock only
};

class WorkerHost {
public:
  explicit WorkerHost(const Meter &meter) : meter_(meter) {}

  // Fills in the callbacks.
  void install(sgperf_engine_config &config);

  void reset(); // before an iteration

  const RegionMarks &region(uint32_t r) const { return regions_[r]; }
  RegionMarks &region(uint32_t r) { return regions_[r]; }

  // What the guest's hooks have recorded since reset().
  uint32_t starts() const { return meter_.only_ticks() ? quick_.starts : starts_; }
  uint32_t ends() const { return meter_.only_ticks() ? quick_.ends : ends_; }
  Boundary start_mark(uint32_t n) const;
  Boundary end_mark(uint32_t n) const;

  // Errors and warnings that the engine has logged since the last call.
  std::string take_errors();
  std::vector<std::string> take_warnings();

  const Meter &meter() const { return meter_; }

private:
  static void on_log(void *host, int level, const char *message);
  static void on_begin(void *host, uint32_t region);
  static void on_end(void *host, uint32_t region);
  static void on_region_at(void *host, uint32_t region, uint64_t begin_ns, uint64_t end_ns);
  static void on_start(void *host);
  static void on_stop(void *host);
  static void on_start_ticks(void *quick);
  static void on_stop_ticks(void *quick);

  // All that the hooks touch when the TSC is the only measure: one cache line of counters and the two arrays.
  struct alignas(64) Quick {
    uint32_t starts = 0, ends = 0;
    uint64_t begin[hook_capacity] = {}, end[hook_capacity] = {};
  };

  const Meter &meter_;
  Quick quick_;
  uint32_t starts_ = 0, ends_ = 0;
  std::array<Boundary, hook_capacity> start_marks_{}, end_marks_{};
  std::array<RegionMarks, region_count> regions_{};
  std::string errors_;
  std::vector<std::string> warnings_;
};

} // namespace sgperf::run
