// SPDX-License-Identifier: Apache-2.0
// The smallest function: 10 million calls inside the module, or called from outside as the export `add_one`.  A shift
// and an exclusive or between the calls keep a compiler from replacing the loop by its result; it may inline the call.
#include "sgperf_bench.h"

BENCH_EXPORT(add_one) int32_t add_one(int32_t x) {
  return (int32_t)((uint32_t)x + 1);
}

int main(void) {
  uint32_t x = 12345;
  bench_start();
  for (uint32_t i = 0; i < 10000000; i++) x = (uint32_t)add_one((int32_t)x) ^ x >> 7;
  bench_black_box(&x);
  bench_end();
  bench_print("add-one", x);
  return 0;
}
