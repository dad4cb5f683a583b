// SPDX-License-Identifier: Apache-2.0
// C = alpha A B^T + alpha B A^T + beta C, on and below the diagonal.  A and B are N x M.
#include "polybench.h"

enum { M = SIZE(20, 60, 200, 1000, 2000), N = SIZE(30, 80, 240, 1200, 2600) };
SIZES(M, N)

static const double alpha = 1.5, beta = 1.25;
static double a[N][M], b[N][M], c[N][N];

static void prepare(void) {
  FILL(a);
  FILL(b);
  FILL(c);
}

static void kernel(void) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j <= i; j++) {
      double sum = 0;
      for (int k = 0; k < M; k++) sum += a[i][k] * b[j][k] + b[i][k] * a[j][k];
      c[i][j] = beta * c[i][j] + alpha * sum;
    }
}

static void results(void) {
  SHOW_LOWER(c);
}
