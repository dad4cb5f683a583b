// SPDX-License-Identifier: Apache-2.0
// fib(32) by its recursive definition: calls and returns.
#include "sgperf_bench.h"

BENCH_EXPORT(fib) uint32_t fib(uint32_t n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(void) {
  uint32_t n = 32;
  bench_black_box(&n);
  bench_start();
  uint32_t value = fib(n);
  bench_black_box(&value);
  bench_end();
  bench_print("fibonacci", value);
  return 0;
}
