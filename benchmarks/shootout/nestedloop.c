// SPDX-License-Identifier: Apache-2.0
// Six loops in one another, 14 times each; the innermost value depends on all six counters.
#include "sgperf_bench.h"

int main(void) {
  uint32_t n = 14;
  bench_black_box(&n);
  uint32_t sum = 0;
  bench_start();
  for (uint32_t a = 0; a < n; a++)
    for (uint32_t b = 0; b < n; b++)
      for (uint32_t c = 0; c < n; c++)
        for (uint32_t d = 0; d < n; d++)
          for (uint32_t e = 0; e < n; e++)
            for (uint32_t f = 0; f < n; f++) sum += (a ^ f) * (b ^ e) + (c ^ d);
  bench_black_box(&sum);
  bench_end();
  bench_print("sum", sum);
  return 0;
}
