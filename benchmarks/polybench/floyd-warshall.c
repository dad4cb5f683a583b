// SPDX-License-Identifier: Apache-2.0
// Shortest ways between all pairs of N nodes.  One edge in eight is there; whole lengths.
#include "polybench.h"

enum { N = SIZE(60, 180, 500, 2800, 5600), none = 1 << 28 };
SIZES(N)

static int32_t way[N][N];

static void prepare(void) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      uint32_t random = bench_random(&polybench_seed);
      way[i][j] = i == j ? 0 : random % 8 ? none : (int32_t)(random / 8 % 1000) + 1;
    }
  bench_black_box(way);
}

static void kernel(void) {
  for (int k = 0; k < N; k++)
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) {
        int32_t over_k = way[i][k] + way[k][j];
        way[i][j] = way[i][j] < over_k ? way[i][j] : over_k;
      }
}

static void results(void) {
  bench_black_box(way);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) show(way[i][j]);
}
