// SPDX-License-Identifier: Apache-2.0
// Anchors of the clocks, on the reader's side.
#include "record/session.h"

#include <time.h>
#include <unistd.h>

#include <cmath>
#include <cstring>

namespace sgperf::record {
namespace {

uint64_t clock_now(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1000000000u + static_cast<uint64_t>(t.tv_nsec);
}

// A frequency is only believed where real counters tick: 1 MHz (slow ARM generic timers) to 20 GHz.
bool plausible(double hz) {
  return std::isfinite(hz) && hz >= 1e6 && hz <= 2e10;
}

} // namespace

sgperf_anchor take_anchor() {
  // The try with the shortest way from read to read is the least disturbed one.
  sgperf_anchor best{};
  for (int i = 0; i < 8; ++i) {
    sgperf_anchor anchor{};
    const uint64_t before = sgperf_i_ticks_begin_fenced();
    anchor.monotonic_raw = clock_now(CLOCK_MONOTONIC_RAW);
    const uint64_t after = sgperf_i_ticks_end_fenced();
    anchor.tsc = before + (after - before) / 2;
    anchor.uncertainty = after > before ? after - before : 1;
    anchor.monotonic = clock_now(CLOCK_MONOTONIC);
    anchor.boottime = clock_now(CLOCK_BOOTTIME);
    anchor.realtime = clock_now(CLOCK_REALTIME);
    if (best.uncertainty == 0 || anchor.uncertainty < best.uncertainty) best = anchor;
  }
  return best;
}

double tsc_hz_between(const sgperf_anchor &from, const sgperf_anchor &to) {
  if (from.uncertainty == 0 || to.uncertainty == 0) return 0;
  if (to.tsc <= from.tsc || to.monotonic_raw <= from.monotonic_raw) return 0;
  const double ticks = static_cast<double>(to.tsc - from.tsc);
  const double uncertainty = (static_cast<double>(from.uncertainty) + static_cast<double>(to.uncertainty)) / 2;
  if (uncertainty > ticks * 0.005) return 0; // worse than half a percent: say ticks rather than wrong nanoseconds
  const double hz = ticks * 1e9 / static_cast<double>(to.monotonic_raw - from.monotonic_raw);
  return plausible(hz) ? hz : 0;
}

bool is_of_this_boot(const sgperf_anchor &anchor, const std::string &host) {
  char name[65] = {};
  gethostname(name, sizeof name - 1);
  return host == name && is_of_this_boot(anchor);
}

bool is_of_this_boot(const sgperf_anchor &anchor) {
  const sgperf_anchor now = take_anchor();
  if (anchor.uncertainty == 0 || anchor.boottime > now.boottime || anchor.tsc >= now.tsc) return false;
  // The moment of booting, as both saw it.  Two boots are further apart than any step of a disciplined wall clock.
  const auto booted = [](const sgperf_anchor &a) {
    return static_cast<double>(a.realtime) - static_cast<double>(a.boottime);
  };
  return std::fabs(booted(now) - booted(anchor)) < 10e9;
}

} // namespace sgperf::record
