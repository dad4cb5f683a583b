// SPDX-License-Identifier: Apache-2.0
// Covariance of each two of M attributes over a sample of N points.
#include "polybench.h"

enum { M = SIZE(28, 80, 240, 1200, 2600), N = SIZE(32, 100, 260, 1400, 3000) };
SIZES(M, N)

static double data[N][M], mean[M], cov[M][M];

static void prepare(void) {
  FILL(data);
}

static void kernel(void) {
  for (int j = 0; j < M; j++) {
    double sum = 0;
    for (int i = 0; i < N; i++) sum += data[i][j];
    mean[j] = sum / N;
  }
  for (int i = 0; i < N; i++)
    for (int j = 0; j < M; j++) data[i][j] -= mean[j];
  for (int i = 0; i < M; i++)
    for (int j = i; j < M; j++) {
      double sum = 0;
      for (int k = 0; k < N; k++) sum += data[k][i] * data[k][j];
      cov[i][j] = cov[j][i] = sum / (N - 1);
    }
}

static void results(void) {
  SHOW(cov);
}
