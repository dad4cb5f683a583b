// SPDX-License-Identifier: Apache-2.0
// The two products of a step of the biconjugate gradient method: s = A^T r and q = A p.  A is N x M.
#include "polybench.h"

enum { M = SIZE(38, 116, 390, 1900, 1800), N = SIZE(42, 124, 410, 2100, 2200) };
SIZES(M, N)

static double a[N][M], r[N], p[M], s[M], q[N];

static void prepare(void) {
  FILL(a);
  FILL(r);
  FILL(p);
}

static void kernel(void) {
  for (int j = 0; j < M; j++) s[j] = 0;
  for (int i = 0; i < N; i++) {
    double row = 0;
    for (int j = 0; j < M; j++) {
      s[j] += r[i] * a[i][j];
      row += a[i][j] * p[j];
    }
    q[i] = row;
  }
}

static void results(void) {
  SHOW(s);
  SHOW(q);
}
