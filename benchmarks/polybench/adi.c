// SPDX-License-Identifier: Apache-2.0
// The heat equation in two dimensions by alternating directions (Peaceman and Rachford): each half step is implicit in
// one direction and solves one tridiagonal system a line.  N x N points, T steps of 1/T, distance 1/N, border one.
#include "polybench.h"

enum { T = SIZE(20, 40, 100, 500, 1000), N = SIZE(20, 60, 200, 1000, 2000) };
SIZES(T, N)

static double u[N][N], v[N][N];
static double p[N], q[N]; // eliminated: x(j) = p(j) x(j + 1) + q(j)

static void prepare(void) {
  FILL(u);
  for (int i = 0; i < N; i++) u[0][i] = u[N - 1][i] = u[i][0] = u[i][N - 1] = 1;
}

static void kernel(void) {
  const double s = (double)N * N / T;         // step / distance^2
  const double side = -s / 2, middle = 1 + s; // the row (side, middle, side) of each system
  const double explicit_side = s / 2, explicit_middle = 1 - s;
  for (int t = 0; t < T; t++) {
    for (int i = 1; i < N - 1; i++) {
      p[0] = 0;
      q[0] = 1;
      for (int j = 1; j < N - 1; j++) {
        double right = explicit_side * u[j][i - 1] + explicit_middle * u[j][i] + explicit_side * u[j][i + 1];
        double pivot = side * p[j - 1] + middle;
        p[j] = -side / pivot;
        q[j] = (right - side * q[j - 1]) / pivot;
      }
      v[N - 1][i] = 1;
      for (int j = N - 2; j > 0; j--) v[j][i] = p[j] * v[j + 1][i] + q[j];
      v[0][i] = 1;
    }
    for (int i = 1; i < N - 1; i++) {
      p[0] = 0;
      q[0] = 1;
      for (int j = 1; j < N - 1; j++) {
        double right = explicit_side * v[i - 1][j] + explicit_middle * v[i][j] + explicit_side * v[i + 1][j];
        double pivot = side * p[j - 1] + middle;
        p[j] = -side / pivot;
        q[j] = (right - side * q[j - 1]) / pivot;
      }
      for (int j = N - 2; j > 0; j--) u[i][j] = p[j] * u[i][j + 1] + q[j];
    }
  }
}

static void results(void) {
  SHOW(u);
}
