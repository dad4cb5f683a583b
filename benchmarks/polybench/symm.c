// SPDX-License-Identifier: Apache-2.0
// C = alpha A B + beta C, where A is M x M and symmetric: only what is on and below its diagonal is read.  B, C: M x N.
#include "polybench.h"

enum { M = SIZE(20, 60, 200, 1000, 2000), N = SIZE(30, 80, 240, 1200, 2600) };
SIZES(M, N)

static const double alpha = 1.5, beta = 1.25;
static double a[M][M], b[M][N], c[M][N];

static void prepare(void) {
  FILL(a);
  FILL(b);
  FILL(c);
}

static void kernel(void) {
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) c[i][j] *= beta;
  // Element (i, k) below the diagonal stands for (k, i) too.
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) {
      double sum = a[i][i] * b[i][j];
      for (int k = 0; k < i; k++) {
        sum += a[i][k] * b[k][j];
        c[k][j] += alpha * a[i][k] * b[i][j];
      }
      c[i][j] += alpha * sum;
    }
}

static void results(void) {
  SHOW(c);
}
