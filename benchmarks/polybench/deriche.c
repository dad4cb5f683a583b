// SPDX-License-Identifier: Apache-2.0
// Deriche's recursive smoothing of a W x H image of floats, rows then columns: the convolution with
// k (alpha |n| + 1) e^(-alpha |n|) as one causal and one anticausal filter of second order, outside the image zero.
#include "polybench.h"

enum { W = SIZE(64, 192, 720, 4096, 7680), H = SIZE(64, 128, 480, 2160, 4320) };
SIZES(W, H)

static float in[W][H], out[W][H], causal[W][H], anticausal[W][H];
static float a1, a2, a3, a4, b1, b2;

static void prepare(void) {
  for (int i = 0; i < W; i++)
    for (int j = 0; j < H; j++) in[i][j] = (float)uniform();
  bench_black_box(in);
  // e^-alpha by its series, not by a C library's exp(): the last bit would be the library's.
  const double alpha = 0.25;
  double e = 0, term = 1;
  for (int n = 1; n < 20; n++) {
    e += term;
    term *= -alpha / n;
  }
  const double k = (1 - e) * (1 - e) / (1 + 2 * alpha * e - e * e);
  a1 = (float)k;
  a2 = (float)(k * e * (alpha - 1));
  a3 = (float)(k * e * (alpha + 1));
  a4 = (float)(-k * e * e);
  b1 = (float)(2 * e);
  b2 = (float)(-e * e);
}

static void kernel(void) {
  for (int i = 0; i < W; i++) {
    float x1 = 0, y1 = 0, y2 = 0;
    for (int j = 0; j < H; j++) {
      float y = a1 * in[i][j] + a2 * x1 + b1 * y1 + b2 * y2;
      x1 = in[i][j];
      y2 = y1;
      causal[i][j] = y1 = y;
    }
  }
  for (int i = 0; i < W; i++) {
    float x1 = 0, x2 = 0, y1 = 0, y2 = 0;
    for (int j = H - 1; j >= 0; j--) {
      float y = a3 * x1 + a4 * x2 + b1 * y1 + b2 * y2;
      x2 = x1;
      x1 = in[i][j];
      y2 = y1;
      anticausal[i][j] = y1 = y;
    }
  }
  for (int i = 0; i < W; i++)
    for (int j = 0; j < H; j++) out[i][j] = causal[i][j] + anticausal[i][j];
  for (int j = 0; j < H; j++) {
    float x1 = 0, y1 = 0, y2 = 0;
    for (int i = 0; i < W; i++) {
      float y = a1 * out[i][j] + a2 * x1 + b1 * y1 + b2 * y2;
      x1 = out[i][j];
      y2 = y1;
      causal[i][j] = y1 = y;
    }
  }
  for (int j = 0; j < H; j++) {
    float x1 = 0, x2 = 0, y1 = 0, y2 = 0;
    for (int i = W - 1; i >= 0; i--) {
      float y = a3 * x1 + a4 * x2 + b1 * y1 + b2 * y2;
      x2 = x1;
      x1 = out[i][j];
      y2 = y1;
      anticausal[i][j] = y1 = y;
    }
  }
  for (int i = 0; i < W; i++)
    for (int j = 0; j < H; j++) out[i][j] = causal[i][j] + anticausal[i][j];
}

static void results(void) {
  bench_black_box(out);
  for (int i = 0; i < W; i++)
    for (int j = 0; j < H; j++) show((double)out[i][j]);
}
