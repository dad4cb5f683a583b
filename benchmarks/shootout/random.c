// SPDX-License-Identifier: Apache-2.0
// The linear congruential generator of the old language shootout, seed = (seed 3877 + 29573) mod 139968, scaled to a
// double below 100: a chain of integer remainders and one division, 800 000 long.
#include "sgperf_bench.h"

enum { count = 800000, modulus = 139968, factor = 3877, summand = 29573 };

int main(void) {
  uint32_t seed = 42;
  double last = 0, sum = 0;
  bench_black_box(&seed);
  bench_start();
  for (int i = 0; i < count; i++) {
    seed = (seed * factor + summand) % modulus;
    last = 100.0 * seed / modulus;
    sum += last;
  }
  bench_black_box(&seed);
  bench_black_box(&last);
  bench_black_box(&sum);
  bench_end();
  bench_print("seed", seed);
  bench_print("last-in-billionths", (uint64_t)(last * 1e9));
  bench_print("mean-in-billionths", (uint64_t)(sum / count * 1e9));
  return 0;
}
