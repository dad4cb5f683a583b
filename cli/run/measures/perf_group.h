// SPDX-License-Identifier: Apache-2.0
// A group of perf counters that is scheduled as a whole, over this process with all threads started later.
//
// At most four events a group: x86 cores have four to eight general counters, a VM or a sibling often fewer, and a
// group that does not fit is never scheduled at all.  User and kernel mode are counted by events of their own.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace sgperf::run {

struct PerfEvent {
  std::string name; // of the measure
  std::string unit;
  uint32_t type = 0;
  uint64_t config = 0;
  bool exclude_user = false, exclude_kernel = false;
};

inline constexpr size_t max_group_events = 4;

struct GroupReading {
  bool valid = false;
  uint64_t enabled = 0, running = 0; // ns
  std::array<uint64_t, max_group_events> values{};
};

class PerfGroup {
public:
  // Opens what can be opened; an event that cannot has its reason in reasons().  Events beyond the fourth: refused.
  explicit PerfGroup(std::vector<PerfEvent> events);
  ~PerfGroup();
  PerfGroup(const PerfGroup &) = delete;
  PerfGroup &operator=(const PerfGroup &) = delete;

  bool open() const { return leader_ >= 0; }
  const std::vector<PerfEvent> &events() const { return events_; }
  const std::vector<std::string> &reasons() const { return reasons_; } // "" = open
  void read(GroupReading &out) const noexcept;

  struct Count {
    std::string name;
    double value = 0;
    double running = 1; // share of the time that the group was on the PMU; < 1 = scaled
  };
  // Differences; an event is missing when the group never ran between the two readings: n/a, not 0.
  std::vector<Count> difference(const GroupReading &begin, const GroupReading &end) const;

private:
  std::vector<PerfEvent> events_;
  std::vector<std::string> reasons_;
  std::vector<int> fds_;      // -1 = not open
  std::vector<size_t> order_; // event index of the n-th value that the kernel reports
  int leader_ = -1;
};

// The hardware groups (user: cycles instructions accesses misses; kernel: the same; branch misses of both), without
// the events that are not in `wanted`.
std::vector<std::vector<PerfEvent>> hardware_groups(const std::vector<std::string> &wanted);
// The same names on software events, which count everywhere: runs the code above where there is no PMU.
std::vector<std::vector<PerfEvent>> as_software(std::vector<std::vector<PerfEvent>> groups);
// Migrations: a software event.
PerfEvent migrations_event();

// Why perf_event_open failed, and how to get the event.
std::string explain_perf_error(int error, const PerfEvent &event);

} // namespace sgperf::run
