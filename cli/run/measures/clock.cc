// SPDX-License-Identifier: Apache-2.0
#include "run/measures/clock.h"

#include <time.h>

namespace sgperf::run {
namespace {

uint64_t read(clockid_t id) noexcept {
  timespec t{};
  clock_gettime(id, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1000000000u + static_cast<uint64_t>(t.tv_nsec);
}

} // namespace

uint64_t monotonic_ns() noexcept {
  return read(CLOCK_MONOTONIC);
}
uint64_t monotonic_raw_ns() noexcept {
  return read(CLOCK_MONOTONIC_RAW);
}
uint64_t realtime_ns() noexcept {
  return read(CLOCK_REALTIME);
}
uint64_t boottime_ns() noexcept {
  return read(CLOCK_BOOTTIME);
}
uint64_t process_cpu_ns() noexcept {
  return read(CLOCK_PROCESS_CPUTIME_ID);
}

} // namespace sgperf::run
