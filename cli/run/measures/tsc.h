// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace sgperf::run {

// Plain rdtsc, unfenced: docs/methods.md says why.  0 where there is no counter.
inline uint64_t ticks() noexcept {
#if defined(__x86_64__)
  return __rdtsc();
#elif defined(__aarch64__)
  uint64_t value;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
  return value;
#else
  return 0;
#endif
}

// Invariant counter: same rate at every frequency and in idle states, and the kernel trusts it as a clock source.
bool invariant_ticks();

// ns per tick by comparison with CLOCK_MONOTONIC_RAW over `milliseconds`; 0 when the counter is not invariant.
double measure_ns_per_tick(unsigned milliseconds);

// Smallest step seen between two readings that differ: what the counter can resolve.
uint64_t tick_step();

} // namespace sgperf::run
