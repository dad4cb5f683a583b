// SPDX-License-Identifier: Apache-2.0
// B = alpha A^T B, where A is M x M, lower triangular, with ones on its diagonal (not read).  B is M x N.
#include "polybench.h"

enum { M = SIZE(20, 60, 200, 1000, 2000), N = SIZE(30, 80, 240, 1200, 2600) };
SIZES(M, N)

static const double alpha = 1.5;
static double a[M][M], b[M][N];

static void prepare(void) {
  FILL(a);
  FILL(b);
}

static void kernel(void) {
  // Row i needs the old rows from i on: in place from the top.
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) {
      double sum = b[i][j];
      for (int k = i + 1; k < M; k++) sum += a[k][i] * b[k][j];
      b[i][j] = alpha * sum;
    }
}

static void results(void) {
  SHOW(b);
}
