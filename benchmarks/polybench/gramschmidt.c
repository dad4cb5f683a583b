// SPDX-License-Identifier: Apache-2.0
// A = Q R by modified Gram-Schmidt, column by column.  A is M x N with N > M: the last N - M columns depend on the
// others, and what is left of them is rounding.  Their columns of Q are zero here, so that the result is defined.
#include "polybench.h"

#include <math.h>

enum { M = SIZE(20, 60, 200, 1000, 2000), N = SIZE(30, 80, 240, 1200, 2600) };
SIZES(M, N)

static double a[M][N], q[M][N], r[N][N];

static void prepare(void) {
  FILL(a);
  // Near to the identity, which keeps Q orthogonal.
  for (int i = 0; i < M; i++) a[i][i] += M;
}

static void kernel(void) {
  for (int k = 0; k < N; k++) {
    double norm = 0;
    for (int i = 0; i < M; i++) norm += a[i][k] * a[i][k];
    norm = sqrt(norm);
    int depends = norm < 1e-6;
    for (int j = 0; j < k; j++) r[k][j] = 0;
    r[k][k] = depends ? 0 : norm;
    for (int i = 0; i < M; i++) q[i][k] = depends ? 0 : a[i][k] / norm;
    for (int j = k + 1; j < N; j++) {
      double along = 0;
      for (int i = 0; i < M; i++) along += q[i][k] * a[i][j];
      r[k][j] = along;
      for (int i = 0; i < M; i++) a[i][j] -= q[i][k] * along;
    }
  }
}

static void results(void) {
  SHOW(q);
  SHOW(r);
}
