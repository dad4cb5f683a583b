// SPDX-License-Identifier: Apache-2.0
// Mean of each three by three points in place, so that each mean takes those before it: T steps on N x N points.
#include "polybench.h"

enum { T = SIZE(20, 40, 100, 500, 1000), N = SIZE(40, 120, 400, 2000, 4000) };
SIZES(T, N)

static double a[N][N];

static void prepare(void) {
  FILL(a);
}

static void kernel(void) {
  for (int t = 0; t < T; t++)
    for (int i = 1; i < N - 1; i++)
      for (int j = 1; j < N - 1; j++)
        a[i][j] = (a[i - 1][j - 1] + a[i - 1][j] + a[i - 1][j + 1] + a[i][j - 1] + a[i][j] + a[i][j + 1] +
                   a[i + 1][j - 1] + a[i + 1][j] + a[i + 1][j + 1]) /
                  9;
}

static void results(void) {
  SHOW(a);
}
