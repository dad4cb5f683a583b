// SPDX-License-Identifier: Apache-2.0
// A x = b by A = L U without pivoting, then L y = b and U x = y.  A is N x N.
#include "polybench.h"

enum { N = SIZE(40, 120, 400, 2000, 4000) };
SIZES(N)

static double a[N][N], b[N], x[N], y[N];

static void prepare(void) {
  FILL(a);
  FILL(b);
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
  for (int i = 0; i < N; i++) {
    double rest = b[i];
    for (int j = 0; j < i; j++) rest -= a[i][j] * y[j];
    y[i] = rest;
  }
  for (int i = N - 1; i >= 0; i--) {
    double rest = y[i];
    for (int j = i + 1; j < N; j++) rest -= a[i][j] * x[j];
    x[i] = rest / a[i][i];
  }
}

static void results(void) {
  SHOW(x);
}
