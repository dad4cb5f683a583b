// SPDX-License-Identifier: Apache-2.0
// D = alpha A B C + beta D, the product from left to right.  A is NI x NK, B is NK x NJ, C is NJ x NL.
#include "polybench.h"

enum {
  NI = SIZE(16, 40, 180, 800, 1600),
  NJ = SIZE(18, 50, 190, 900, 1800),
  NK = SIZE(22, 70, 210, 1100, 2200),
  NL = SIZE(24, 80, 220, 1200, 2400)
};
SIZES(NI, NJ, NK, NL)

static const double alpha = 1.5, beta = 1.25;
static double a[NI][NK], b[NK][NJ], c[NJ][NL], d[NI][NL], product[NI][NJ];

static void prepare(void) {
  FILL(a);
  FILL(b);
  FILL(c);
  FILL(d);
}

static void kernel(void) {
  for (int i = 0; i < NI; i++)
    for (int j = 0; j < NJ; j++) {
      double sum = 0;
      for (int k = 0; k < NK; k++) sum += alpha * a[i][k] * b[k][j];
      product[i][j] = sum;
    }
  for (int i = 0; i < NI; i++)
    for (int l = 0; l < NL; l++) {
      double sum = beta * d[i][l];
      for (int j = 0; j < NJ; j++) sum += product[i][j] * c[j][l];
      d[i][l] = sum;
    }
}

static void results(void) {
  SHOW(d);
}
