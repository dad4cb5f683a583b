// SPDX-License-Identifier: Apache-2.0
// Mean of each point and its four neighbours: 2 T steps on N x N points between two arrays, border fixed.
#include "polybench.h"

enum { T = SIZE(20, 40, 100, 500, 1000), N = SIZE(30, 90, 250, 1300, 2800) };
SIZES(T, N)

static double a[N][N], b[N][N];

static void prepare(void) {
  FILL(a);
  memcpy(b, a, sizeof b); // for its border
  bench_black_box(b);
}

static void step(double (*to)[N], double (*from)[N]) {
  for (int i = 1; i < N - 1; i++)
    for (int j = 1; j < N - 1; j++)
      to[i][j] = 0.2 * (from[i][j] + from[i][j - 1] + from[i][j + 1] + from[i - 1][j] + from[i + 1][j]);
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
