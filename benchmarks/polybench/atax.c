// SPDX-License-Identifier: Apache-2.0
// y = A^T (A x).  A is M x N.
#include "polybench.h"

enum { M = SIZE(38, 116, 390, 1900, 1800), N = SIZE(42, 124, 410, 2100, 2200) };
SIZES(M, N)

static double a[M][N], x[N], y[N];

static void prepare(void) {
  FILL(a);
  FILL(x);
}

static void kernel(void) {
  for (int j = 0; j < N; j++) y[j] = 0;
  for (int i = 0; i < M; i++) {
    double row = 0;
    for (int j = 0; j < N; j++) row += a[i][j] * x[j];
    for (int j = 0; j < N; j++) y[j] += a[i][j] * row;
  }
}

static void results(void) {
  SHOW(y);
}
