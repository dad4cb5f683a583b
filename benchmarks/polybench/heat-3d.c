// SPDX-License-Identifier: Apache-2.0
// The heat equation in three dimensions, explicit: 2 T steps on N x N x N points between two arrays, border fixed.
#include "polybench.h"

enum { T = SIZE(20, 40, 100, 500, 1000), N = SIZE(10, 20, 40, 120, 200) };
SIZES(T, N)

static double a[N][N][N], b[N][N][N];

static void prepare(void) {
  FILL(a);
  memcpy(b, a, sizeof b); // for its border
  bench_black_box(b);
}

static void step(double (*to)[N][N], double (*from)[N][N]) {
  for (int i = 1; i < N - 1; i++)
    for (int j = 1; j < N - 1; j++)
      for (int k = 1; k < N - 1; k++)
        to[i][j][k] = 0.125 * (from[i + 1][j][k] - 2 * from[i][j][k] + from[i - 1][j][k]) +
                      0.125 * (from[i][j + 1][k] - 2 * from[i][j][k] + from[i][j - 1][k]) +
                      0.125 * (from[i][j][k + 1] - 2 * from[i][j][k] + from[i][j][k - 1]) + from[i][j][k];
}

static void kernel(void) {
  for (int t = 0; t < T; t++) {
    step(b, a);
    step(a, b);
  }
}

static void results(void) {
  SHOW(a);
}
