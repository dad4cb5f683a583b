// SPDX-License-Identifier: Apache-2.0
// C = A B of two 260 x 260 matrices of doubles with whole values, by the definition (row times column, inner loop over
// the column so that memory is read in order).  Sums stay below 2^53: the result is exact on every engine.
#include "sgperf_bench.h"

enum { size = 260 };
static double a[size][size], b[size][size], c[size][size];

int main(void) {
  uint64_t seed = 1;
  for (int i = 0; i < size; i++)
    for (int k = 0; k < size; k++) {
      a[i][k] = bench_random(&seed) % 1000;
      b[i][k] = bench_random(&seed) % 1000;
      c[i][k] = 0;
    }
  bench_start();
  for (int i = 0; i < size; i++)
    for (int k = 0; k < size; k++)
      for (int j = 0; j < size; j++) c[i][j] += a[i][k] * b[k][j];
  bench_black_box(c);
  bench_end();
  uint64_t sum = 0, trace = 0;
  for (int i = 0; i < size; i++) {
    trace += (uint64_t)c[i][i];
    for (int k = 0; k < size; k++) sum += (uint64_t)c[i][k] * (uint64_t)(i + 2 * k + 1);
  }
  bench_print("trace", trace);
  bench_print("weighted-sum", sum);
  return 0;
}
