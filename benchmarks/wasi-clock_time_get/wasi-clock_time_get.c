// SPDX-License-Identifier: Apache-2.0
// clock_time_get of the monotonic clock; natively clock_gettime, which the vDSO answers.
#include "wasi_calls.h"

static int call(void) {
  static uint64_t before;
  uint64_t now = 0;
#ifdef __wasm__
  int good = __wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &now) == 0;
#else
  struct timespec time;
  int good = clock_gettime(CLOCK_MONOTONIC, &time) == 0;
  now = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
#endif
  good &= now >= before;
  before = now;
  return good;
}

int main(void) {
  BENCH_CALLS(call());
}
