// SPDX-License-Identifier: Apache-2.0
// The sieve of Eratosthenes up to 2 million, one byte a number: strided stores over memory larger than the L1 cache.
#include "sgperf_bench.h"

enum { limit = 2000000 };
static uint8_t composite[limit + 1];

int main(void) {
  memset(composite, 0, sizeof composite);
  bench_start();
  uint32_t primes = 0, last = 0;
  for (uint32_t n = 2; n <= limit; n++) {
    if (composite[n]) continue;
    primes++;
    last = n;
    if (n > limit / n) continue;
    for (uint32_t multiple = n * n; multiple <= limit; multiple += n) composite[multiple] = 1;
  }
  bench_black_box(composite);
  bench_end();
  bench_print("primes", primes);
  bench_print("largest", last);
  return 0;
}
