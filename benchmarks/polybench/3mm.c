// SPDX-License-Identifier: Apache-2.0
// G = (A B) (C D).  A is NI x NK, B is NK x NJ, C is NJ x NM, D is NM x NL.
#include "polybench.h"

enum {
  NI = SIZE(16, 40, 180, 800, 1600),
  NJ = SIZE(18, 50, 190, 900, 1800),
  NK = SIZE(20, 60, 200, 1000, 2000),
  NL = SIZE(22, 70, 210, 1100, 2200),
  NM = SIZE(24, 80, 220, 1200, 2400)
};
SIZES(NI, NJ, NK, NL, NM)

static double a[NI][NK], b[NK][NJ], c[NJ][NM], d[NM][NL], e[NI][NJ], f[NJ][NL], g[NI][NL];

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
      for (int k = 0; k < NK; k++) sum += a[i][k] * b[k][j];
      e[i][j] = sum;
    }
  for (int j = 0; j < NJ; j++)
    for (int l = 0; l < NL; l++) {
      double sum = 0;
      for (int m = 0; m < NM; m++) sum += c[j][m] * d[m][l];
      f[j][l] = sum;
    }
  for (int i = 0; i < NI; i++)
    for (int l = 0; l < NL; l++) {
      double sum = 0;
      for (int j = 0; j < NJ; j++) sum += e[i][j] * f[j][l];
      g[i][l] = sum;
    }
}

static void results(void) {
  SHOW(g);
}
