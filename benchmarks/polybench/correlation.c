// SPDX-License-Identifier: Apache-2.0
// Pearson's correlation of each two of M attributes over N points.
#include "polybench.h"

#include <math.h>

enum { M = SIZE(28, 80, 240, 1200, 2600), N = SIZE(32, 100, 260, 1400, 3000) };
SIZES(M, N)

static double data[N][M], mean[M], deviation[M], corr[M][M];

static void prepare(void) {
  FILL(data);
}

static void kernel(void) {
  for (int j = 0; j < M; j++) {
    double sum = 0;
    for (int i = 0; i < N; i++) sum += data[i][j];
    mean[j] = sum / N;
    sum = 0;
    for (int i = 0; i < N; i++) sum += (data[i][j] - mean[j]) * (data[i][j] - mean[j]);
    deviation[j] = sqrt(sum); // times sqrt(N): the sums below are not divided by N either
  }
  for (int i = 0; i < N; i++)
    for (int j = 0; j < M; j++) data[i][j] = (data[i][j] - mean[j]) / deviation[j];
  for (int i = 0; i < M; i++) {
    corr[i][i] = 1;
    for (int j = i + 1; j < M; j++) {
      double sum = 0;
      for (int k = 0; k < N; k++) sum += data[k][i] * data[k][j];
      corr[i][j] = corr[j][i] = sum;
    }
  }
}

static void results(void) {
  SHOW(corr);
}
