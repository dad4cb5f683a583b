// SPDX-License-Identifier: Apache-2.0
// Maxwell's equations in two dimensions by finite differences in time (Yee), T steps on NX x NY points; the field at
// the edge x = 0 is driven.
#include "polybench.h"

enum { T = SIZE(20, 40, 100, 500, 1000), NX = SIZE(20, 60, 200, 1000, 2000), NY = SIZE(30, 80, 240, 1200, 2600) };
SIZES(T, NX, NY)

static double ex[NX][NY], ey[NX][NY], hz[NX][NY], source[T];

static void prepare(void) {
  FILL(ex);
  FILL(ey);
  FILL(hz);
  FILL(source);
}

static void kernel(void) {
  for (int t = 0; t < T; t++) {
    for (int j = 0; j < NY; j++) ey[0][j] = source[t];
    for (int i = 1; i < NX; i++)
      for (int j = 0; j < NY; j++) ey[i][j] -= 0.5 * (hz[i][j] - hz[i - 1][j]);
    for (int i = 0; i < NX; i++)
      for (int j = 1; j < NY; j++) ex[i][j] -= 0.5 * (hz[i][j] - hz[i][j - 1]);
    for (int i = 0; i < NX - 1; i++)
      for (int j = 0; j < NY - 1; j++) hz[i][j] -= 0.7 * (ex[i][j + 1] - ex[i][j] + ey[i + 1][j] - ey[i][j]);
  }
}

static void results(void) {
  SHOW(ex);
  SHOW(ey);
  SHOW(hz);
}
