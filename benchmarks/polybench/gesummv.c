// SPDX-License-Identifier: Apache-2.0
// y = alpha A x + beta B x.  A and B are N x N.
#include "polybench.h"

enum { N = SIZE(30, 90, 250, 1300, 2800) };
SIZES(N)

static const double alpha = 1.5, beta = 1.25;
static double a[N][N], b[N][N], x[N], y[N];

static void prepare(void) {
  FILL(a);
  FILL(b);
  FILL(x);
}

static void kernel(void) {
  for (int i = 0; i < N; i++) {
    double of_a = 0, of_b = 0;
    for (int j = 0; j < N; j++) {
      of_a += a[i][j] * x[j];
      of_b += b[i][j] * x[j];
    }
    y[i] = alpha * of_a + beta * of_b;
  }
}

static void results(void) {
  SHOW(y);
}
