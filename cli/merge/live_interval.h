// SPDX-License-Identifier: Apache-2.0
// What happened in a session between two looks at it.
#pragma once

#include "merge/model.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sgperf::merge {

// A session as it was read at a moment.
struct LiveSnapshot {
  record::Session session;
  record::SessionState state = record::SessionState::live;
  uint64_t monotonic_ns = 0; // when: CLOCK_MONOTONIC
};

// Of scopes that ended in the interval: a scope counts when it ends.
struct LiveScope {
  std::string name;
  Unit unit = Unit::ns; // of self and average
  uint64_t calls = 0, calls_so_far = 0;
  double calls_per_s = 0;
  double self = 0;
  double share = 0;   // of the self time of all scopes in the interval
  double average = 0; // with what is called inside
};

struct LiveCounter {
  std::string name;
  bool gauge = false;
  uint64_t updates = 0; // in the interval
  double updates_per_s = 0;
  double per_s = 0;  // of the sum; 0 for a gauge
  uint64_t last = 0; // the sum so far; of a gauge the largest value
};

// All phases of one name, since the session's start.
struct LivePhase {
  std::string name;
  bool bench = false;
  Unit unit = Unit::ns;
  uint64_t times = 0, open = 0, aborted = 0; // times: those that ended
  double total = 0;                          // open ones up to now included
};

struct LiveEnd {
  bool thread = false; // else a phase
  std::string name;
  uint32_t tid = 0;
  Unit unit = Unit::ns;
  double duration = 0; // of a phase
  bool aborted = false;
};

struct LiveInterval {
  bool since_start = false;          // there was no earlier look: everything so far
  double seconds = 0;                // its length; 0 = cannot be told
  double uptime_s = 0;               // of the session, to its end or the look; 0 = cannot be told
  uint32_t threads = 0;              // that measure, and live
  std::string phase;                 // of the process, empty = none
  std::vector<LiveScope> scopes;     // called in the interval; the most self time first
  std::vector<LiveCounter> counters; // updated ever; by name
  std::vector<LivePhase> phases;     // as they first began
  std::vector<LiveEnd> ended;        // in the interval
};

// Pure.  `before` is an earlier look at the same session; nullptr, or a look at another one (a program that executed
// another has a new session): everything since the start of `now`.
LiveInterval live_interval(const LiveSnapshot *before, const LiveSnapshot &now);

} // namespace sgperf::merge
