// SPDX-License-Identifier: Apache-2.0
// Levinson and Durbin's recursion: T y = -r, where T is the symmetric Toeplitz matrix of 1, r(0), r(1) ... r(N - 2).
#include "polybench.h"

enum { N = SIZE(40, 120, 400, 2000, 4000) };
SIZES(N)

static double r[N], y[N], z[N];

static void prepare(void) {
  FILL(r);
  for (int i = 0; i < N; i++) r[i] *= 0.25 / ((i + 1.0) * (i + 1.0)); // T is dominated by its diagonal
}

static void kernel(void) {
  double reflection = -r[0], error = 1;
  y[0] = reflection;
  for (int k = 1; k < N; k++) {
    error *= 1 - reflection * reflection;
    double sum = r[k];
    for (int i = 0; i < k; i++) sum += r[k - i - 1] * y[i];
    reflection = -sum / error;
    for (int i = 0; i < k; i++) z[i] = y[i] + reflection * y[k - i - 1];
    for (int i = 0; i < k; i++) y[i] = z[i];
    y[k] = reflection;
  }
}

static void results(void) {
  SHOW(y);
}
