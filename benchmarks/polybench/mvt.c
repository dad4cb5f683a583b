// SPDX-License-Identifier: Apache-2.0
// x1 = x1 + A y1 and x2 = x2 + A^T y2.  A is N x N.
#include "polybench.h"

enum { N = SIZE(40, 120, 400, 2000, 4000) };
SIZES(N)

static double a[N][N], x1[N], x2[N], y1[N], y2[N];

static void prepare(void) {
  FILL(a);
  FILL(x1);
  FILL(x2);
  FILL(y1);
  FILL(y2);
}

static void kernel(void) {
  for (int i = 0; i < N; i++) {
    double sum = x1[i];
    for (int j = 0; j < N; j++) sum += a[i][j] * y1[j];
    x1[i] = sum;
  }
  // Column by column: the strides are what this kernel is about.
  for (int i = 0; i < N; i++) {
    double sum = x2[i];
    for (int j = 0; j < N; j++) sum += a[j][i] * y2[j];
    x2[i] = sum;
  }
}

static void results(void) {
  SHOW(x1);
  SHOW(x2);
}
