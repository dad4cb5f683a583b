// SPDX-License-Identifier: Apache-2.0
// A = L U without pivoting, row by row in place (Doolittle: ones on the diagonal of L, not stored).  A is N x N.
#include "polybench.h"

enum { N = SIZE(40, 120, 400, 2000, 4000) };
SIZES(N)

static double a[N][N];

static void prepare(void) {
  FILL(a);
  for (int i = 0; i < N; i++) a[i][i] += N; // dominated by its diagonal: no pivoting is needed
}

static void kernel(void) {
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < i; j++) {
      double rest = a[i][j];
      for (int k = 0; k < j; k++) rest -= a[i][k] * a[k][j];
      a[i][j] = rest / a[j][j];
    }
    for (int j = i; j < N; j++) {
      double rest = a[i][j];
      for (int k = 0; k < i; k++) rest -= a[i][k] * a[k][j];
      a[i][j] = rest;
    }
  }
}

static void results(void) {
  SHOW(a);
}
