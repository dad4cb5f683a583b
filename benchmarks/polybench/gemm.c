// SPDX-License-Identifier: Apache-2.0
// C = alpha A B + beta C.  A is NI x NK, B is NK x NJ.
#include "polybench.h"

enum { NI = SIZE(20, 60, 200, 1000, 2000), NJ = SIZE(25, 70, 220, 1100, 2300), NK = SIZE(30, 80, 240, 1200, 2600) };
SIZES(NI, NJ, NK)

static const double alpha = 1.5, beta = 1.25;
static double a[NI][NK], b[NK][NJ], c[NI][NJ];

static void prepare(void) {
  FILL(a);
  FILL(b);
  FILL(c);
}

static void kernel(void) {
  for (int i = 0; i < NI; i++) {
    for (int j = 0; j < NJ; j++) c[i][j] *= beta;
    for (int k = 0; k < NK; k++)
      for (int j = 0; j < NJ; j++) c[i][j] += alpha * a[i][k] * b[k][j];
  }
}

static void results(void) {
  SHOW(c);
}
