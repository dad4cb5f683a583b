// SPDX-License-Identifier: Apache-2.0
// Moments and durations as the guest gives them.
#pragma once

#include "engines/wasi/abi.h"

#include <ctime>
#include <sys/stat.h>

namespace sgperf::wasi {

inline timespec timespec_of(uint64_t ns) {
  return {static_cast<time_t>(ns / 1'000'000'000u), static_cast<long>(ns % 1'000'000'000u)};
}
inline uint64_t ns_of(const timespec &time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(time.tv_nsec);
}

// What *_filestat_set_times means: {access, modification}.
inline Errno times_of(uint64_t atim, uint64_t mtim, uint32_t fstflags, timespec (&times)[2]) {
  if (fstflags & ~fstflag::known) return Errno::inval;
  auto one = [&](uint64_t ns, uint32_t set, uint32_t now, timespec &out) {
    if ((fstflags & set) && (fstflags & now)) return false;
    out = fstflags & set ? timespec_of(ns) : timespec{0, fstflags & now ? UTIME_NOW : UTIME_OMIT};
    return true;
  };
  bool good =
      one(atim, fstflag::atim, fstflag::atim_now, times[0]) && one(mtim, fstflag::mtim, fstflag::mtim_now, times[1]);
  return good ? Errno::success : Errno::inval;
}

// False: preview1 has no such clock.
inline bool clock_of(uint32_t clock_id, clockid_t &out) {
  static constexpr clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID,
                                         CLOCK_THREAD_CPUTIME_ID};
  if (clock_id >= sizeof clocks / sizeof *clocks) return false;
  out = clocks[clock_id];
  return true;
}

} // namespace sgperf::wasi
