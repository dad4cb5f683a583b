// SPDX-License-Identifier: Apache-2.0
// The smallest function: 5 million calls inside the module, or called from outside as the export `add_one`.
#include "sgperf_bench.h"

BENCH_EXPORT(add_one) int32_t add_one(int32_t x) {
  __asm__ volatile("" : "+r"(x)); // a loop of calls must not become one addition
  return (int32_t)((uint32_t)x + 1);
}

int main(void) {
  int32_t x = 0;
  bench_start();
  for (int i = 0; i < 5000000; i++) x = add_one(x);
  bench_end();
  bench_print("add-one", (uint64_t)x);
  return 0;
}
