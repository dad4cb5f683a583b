// SPDX-License-Identifier: Apache-2.0
// Mean of each three neighbours: 2 T steps on N points between two arrays, ends fixed.
#include "polybench.h"

enum { T = SIZE(20, 40, 100, 500, 1000), N = SIZE(30, 120, 400, 2000, 4000) };
SIZES(T, N)

static double a[N], b[N];

static void prepare(void) {
  FILL(a);
  memcpy(b, a, sizeof b); // for its ends
  bench_black_box(b);
}

static void kernel(void) {
  const double third = 1.0 / 3;
  for (int t = 0; t < T; t++) {
    for (int i = 1; i < N - 1; i++) b[i] = third * (a[i - 1] + a[i] + a[i + 1]);
    for (int i = 1; i < N - 1; i++) a[i] = third * (b[i - 1] + b[i] + b[i + 1]);
  }
}

static void results(void) {
  SHOW(a);
}
