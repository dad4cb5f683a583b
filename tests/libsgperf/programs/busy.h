/* SPDX-License-Identifier: Apache-2.0 */
/* Passing time in test programs. */
#ifndef SGPERF_TEST_BUSY_H
#define SGPERF_TEST_BUSY_H

#include <stdint.h>
#include <time.h>

static inline uint64_t monotonic_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC_RAW, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline void busy_ns(uint64_t ns) {
  const uint64_t end = monotonic_ns() + ns;
  while (monotonic_ns() < end) {
  }
}

#endif
