// SPDX-License-Identifier: Apache-2.0
// The smallest function: 10 million calls inside the module, or called from outside as the export `add_one`.  Inside it
// is called through a pointer that is read anew each time, in the module an entry of its table: called by name, an
// engine that compiles by way of C inlines it, and the time would be that of the loop without a call.
#include "sgperf_bench.h"

BENCH_EXPORT(add_one) int32_t add_one(int32_t x) {
  return (int32_t)((uint32_t)x + 1);
}

static int32_t (*volatile called)(int32_t) = add_one;

int main(void) {
  uint32_t x = 12345;
  bench_start();
  for (uint32_t i = 0; i < 10000000; i++) x = (uint32_t)called((int32_t)x) ^ x >> 7;
  bench_black_box(&x);
  bench_end();
  bench_print("add-one", x);
  return 0;
}
