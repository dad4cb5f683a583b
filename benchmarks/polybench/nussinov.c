// SPDX-License-Identifier: Apache-2.0
// Nussinov's folding of RNA: the most base pairs that do not cross in a sequence of N bases, for each part of it.
#include "polybench.h"

enum { N = SIZE(60, 180, 500, 2500, 5500) };
SIZES(N)

static int8_t base[N]; // 0 to 3; those whose sum is 3 pair
static int32_t most[N][N];

static void prepare(void) {
  for (int i = 0; i < N; i++) base[i] = (int8_t)(bench_random(&polybench_seed) % 4);
  bench_black_box(base);
  memset(most, 0, sizeof most);
  bench_black_box(most);
}

static int32_t greater(int32_t a, int32_t b) {
  return a > b ? a : b;
}

static void kernel(void) {
  for (int i = N - 2; i >= 0; i--)
    for (int j = i + 1; j < N; j++) {
      int32_t best = greater(most[i][j - 1], most[i + 1][j]);
      // Neighbours do not pair.
      int pair = j - i > 1 && base[i] + base[j] == 3;
      best = greater(best, most[i + 1][j - 1] + pair);
      for (int k = i + 1; k < j; k++) best = greater(best, most[i][k] + most[k + 1][j]);
      most[i][j] = best;
    }
}

static void results(void) {
  bench_black_box(most);
  for (int i = 0; i < N; i++)
    for (int j = i; j < N; j++) show(most[i][j]);
}
