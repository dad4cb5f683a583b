// SPDX-License-Identifier: Apache-2.0
// A(r, q, p) = sum over s of A(r, q, s) C(s, p): a step of a multiresolution analysis.  A is NR x NQ x NP.
#include "polybench.h"

enum { NQ = SIZE(8, 20, 40, 140, 220), NR = SIZE(10, 25, 50, 150, 250), NP = SIZE(12, 30, 60, 160, 270) };
SIZES(NQ, NR, NP)

static double a[NR][NQ][NP], c[NP][NP], row[NP];

static void prepare(void) {
  FILL(a);
  FILL(c);
}

static void kernel(void) {
  for (int r = 0; r < NR; r++)
    for (int q = 0; q < NQ; q++) {
      for (int p = 0; p < NP; p++) {
        double sum = 0;
        for (int s = 0; s < NP; s++) sum += a[r][q][s] * c[s][p];
        row[p] = sum;
      }
      for (int p = 0; p < NP; p++) a[r][q][p] = row[p];
    }
}

static void results(void) {
  SHOW(a);
}
