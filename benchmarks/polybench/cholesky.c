// SPDX-License-Identifier: Apache-2.0
// A = L L^T of a symmetric positive definite matrix, row by row in place.  A is N x N.
#include "polybench.h"

#include <math.h>

enum { N = SIZE(40, 120, 400, 2000, 4000) };
SIZES(N)

static double a[N][N];

static void prepare(void) {
  // Below the diagonal only; dominated by its diagonal, so positive definite.
  FILL(a);
  for (int i = 0; i < N; i++) a[i][i] += N;
}

static void kernel(void) {
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < i; j++) {
      double rest = a[i][j];
      for (int k = 0; k < j; k++) rest -= a[i][k] * a[j][k];
      a[i][j] = rest / a[j][j];
    }
    double rest = a[i][i];
    for (int k = 0; k < i; k++) rest -= a[i][k] * a[i][k];
    a[i][i] = sqrt(rest);
  }
}

static void results(void) {
  SHOW_LOWER(a);
}
