// SPDX-License-Identifier: Apache-2.0
// What is read at the two ends of a region, and in which order.
//
// A region is the time between two boundaries.  Each boundary reads every chosen measure once; the order makes the
// measures bracket each other: the dearest is read first at the begin and last at the end, the TSC last at the begin
// and first at the end.  So the time of a region holds no other measure's cost, the CPU times hold only the TSC's, and
// so on outwards.  A boundary is also shared: the total `jit` begins at the very reading that begins `compile`.
#pragma once

#include "run/measures/clock.h"
#include "run/measures/perf_group.h"
#include "run/measures/rusage.h"
#include "run/measures/tsc.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sgperf::run {

struct MeasureState {
  std::string name, unit;
  bool available = false;
  std::string reason;
};

struct Boundary {
  uint64_t tsc = 0;
  uint64_t clock = 0;
  uint64_t cpu = 0;
  UsageReading usage;
  std::array<GroupReading, 4> groups;
};

class Meter {
public:
  // `ns_per_tick` 0: no invariant TSC, wall_ns comes from CLOCK_MONOTONIC_RAW.
  // `software` replaces hardware events by software ones that every kernel has: for tests of the same code.
  Meter(const std::vector<std::string> &measures, double ns_per_tick, bool software);

  void begin(Boundary &b) const noexcept {
    if (!only_ticks_) begin_outer(b);
    b.tsc = ticks();
  }
  void end(Boundary &b) const noexcept {
    b.tsc = ticks();
    if (!only_ticks_) end_outer(b);
  }

  // True when a boundary is nothing but the TSC.
  bool only_ticks() const { return only_ticks_; }
  const std::vector<MeasureState> &measures() const { return states_; }
  void difference(const Boundary &begin, const Boundary &end, std::map<std::string, double> &values,
                  std::map<std::string, double> &running) const;
  bool wants(const std::string &measure) const;

private:
  void begin_outer(Boundary &b) const noexcept;
  void end_outer(Boundary &b) const noexcept;
  bool chosen(const std::string &name) const;
  void add(const std::string &name, const std::string &unit, const std::string &reason);

  std::vector<std::string> names_;
  std::vector<MeasureState> states_;
  double ns_per_tick_ = 0;
  bool only_ticks_ = false, clock_ = false, cpu_ = false, usage_ = false;
  std::vector<std::unique_ptr<PerfGroup>> groups_;
};

// All names in the order of the report; "wall" "tsc" "perf" and Sightglass's names are understood by expand_measures().
const std::vector<std::string> &all_measures();
// Empty list in = all.  Unknown names go to `error`.
std::vector<std::string> expand_measures(const std::vector<std::string> &asked, std::string &error);

} // namespace sgperf::run
