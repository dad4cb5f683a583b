// SPDX-License-Identifier: Apache-2.0
// A' = A + u1 v1^T + u2 v2^T, x = beta A'^T y + z, w = alpha A' x.  A is N x N.
#include "polybench.h"

enum { N = SIZE(40, 120, 400, 2000, 4000) };
SIZES(N)

static const double alpha = 1.5, beta = 1.25;
static double a[N][N], u1[N], v1[N], u2[N], v2[N], x[N], y[N], z[N], w[N];

static void prepare(void) {
  FILL(a);
  FILL(u1);
  FILL(v1);
  FILL(u2);
  FILL(v2);
  FILL(y);
  FILL(z);
}

static void kernel(void) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) a[i][j] += u1[i] * v1[j] + u2[i] * v2[j];
  for (int i = 0; i < N; i++) {
    double sum = 0;
    for (int j = 0; j < N; j++) sum += beta * a[j][i] * y[j];
    x[i] = sum + z[i];
  }
  for (int i = 0; i < N; i++) {
    double sum = 0;
    for (int j = 0; j < N; j++) sum += alpha * a[i][j] * x[j];
    w[i] = sum;
  }
}

static void results(void) {
  SHOW(w);
}
