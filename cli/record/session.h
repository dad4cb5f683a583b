// SPDX-License-Identifier: Apache-2.0
// Reader of session files (libsgperf/session_layout.h): of running, ended and killed targets alike.
//
// The file is read with pread into memory of our own, not mapped: a target that is being written to gives a snapshot,
// and a file that is cut while we read it is a short read and not SIGBUS.  Nothing in the file is believed: every
// offset and count is bounded by the capacity beside it and by the size of the file.
#pragma once

#include "sgperf/sgperf.h"

#include "libsgperf/session_layout.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::record {

enum class SessionState { live, exited, killed };
const char *to_text(SessionState state);

// A site with the sums over all threads.  Times in timer units: Session::ns() converts.
struct SessionSite {
  uint32_t id = 0, flags = 0, line = 0;
  bool enabled = false;
  std::string name, file;
  uint64_t name_hash = 0;
  uint64_t count = 0, total = 0, self = 0, min = 0, max = 0;
  uint32_t threads = 0;            // blocks that contributed
  std::vector<uint64_t> histogram; // 64 log2 buckets of timer units, or empty
};

struct SessionPhase {
  uint32_t index = 0;
  uint32_t state = 0; // 1 = open, 2 = ended, 3 = aborted
  std::string name;
  uint64_t cookie = 0;
  uint32_t tid = 0, end_tid = 0, parent = 0;
  bool bench = false;
  bool process = false; // seen by hooks, of the process: no thread's own
  uint64_t t0 = 0, t1 = 0;
  sgperf_usage before{}, after{};
  std::array<uint64_t, 8> pmc{};
  uint64_t pmc_flags = 0;
};

struct SessionThread {
  uint32_t tid = 0, state = 0, generation = 0;
  std::string name;
};

class Session {
public:
  // nullopt: not a session file, or one of a newer major; `error` names the file, what was expected and found.
  static std::optional<Session> read(const std::filesystem::path &path, std::string &error);

  std::filesystem::path path;
  std::string key; // "<host>-<pid>-<boottime ns>", from the file's name
  sgperf_session_header header{};
  std::vector<SessionSite> sites; // also those never called; not "(none)"
  std::vector<SessionPhase> phases;
  std::vector<SessionThread> threads;
  std::vector<std::string> remarks; // what had to be left out, for the report

  std::string host() const;
  std::string comm() const;
  std::string exe() const;
  std::string note() const;
  std::string parent_key() const;
  std::vector<std::string> command() const;
  SessionState state() const;

  bool ticks() const { return header.timer == SGPERF_TIMER_TSC; }
  // Frequency of the time-stamp counter; 0 = cannot be told.  Set from outside (meta.json) where the file's own two
  // anchors do not give it.
  double tsc_hz() const { return tsc_hz_; }
  void use_tsc_hz(double hz);
  // True when ns() gives nanoseconds; else durations stay ticks, and must be shown as such.
  bool convertible() const { return !ticks() || tsc_hz_ > 0; }
  double ns(uint64_t duration) const;
  // A moment as CLOCK_MONOTONIC ns; 0 if it cannot be told.
  double monotonic_ns(uint64_t moment) const;
  // The other way; 0 if it cannot be told, or lies before the machine's start.
  uint64_t moment(double monotonic_ns) const;

private:
  double tsc_hz_ = 0;
  bool exact_ = false; // tsc_hz_ from two anchors far enough apart
};

// All clocks now, as libsgperf takes them.
sgperf_anchor take_anchor();
// Frequency from two anchors of one boot; 0 = too close together to tell, or not of one clock.
double tsc_hz_between(const sgperf_anchor &from, const sgperf_anchor &to);
// True when `anchor` was taken on a machine that was booted when this one was: on this one, or by rare chance another.
bool is_of_this_boot(const sgperf_anchor &anchor);
// The same, and on a machine of this one's name.
bool is_of_this_boot(const sgperf_anchor &anchor, const std::string &host);

} // namespace sgperf::record
