// SPDX-License-Identifier: Apache-2.0
// The Ackermann-Péter function A(3, 8) by its definition, three times: 2.8 million calls each, up to 2045 deep.
#include "sgperf_bench.h"

BENCH_EXPORT(ackermann) uint32_t ackermann(uint32_t m, uint32_t n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

int main(void) {
  uint32_t m = 3, n = 8, value = 0;
  bench_start();
  for (int i = 0; i < 3; i++) {
    bench_black_box(&m);
    bench_black_box(&n);
    value = ackermann(m, n);
    bench_black_box(&value);
  }
  bench_end();
  bench_print("ackermann", value);
  return 0;
}
