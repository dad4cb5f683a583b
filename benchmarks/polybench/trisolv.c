// SPDX-License-Identifier: Apache-2.0
// L x = b by forward substitution.  L is N x N, lower triangular.
#include "polybench.h"

enum { N = SIZE(40, 120, 400, 2000, 4000) };
SIZES(N)

static double l[N][N], b[N], x[N];

static void prepare(void) {
  FILL(l);
  FILL(b);
  for (int i = 0; i < N; i++) l[i][i] += N; // a random triangle would make x grow without bounds
}

static void kernel(void) {
  for (int i = 0; i < N; i++) {
    double rest = b[i];
    for (int j = 0; j < i; j++) rest -= l[i][j] * x[j];
    x[i] = rest / l[i][i];
  }
}

static void results(void) {
  SHOW(x);
}
