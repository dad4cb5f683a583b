/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernels of polybench/ share: data sets, input, the region, and one line of results.
 *
 * A kernel file includes this, names its sizes, and defines prepare(), kernel() and results(); main() is here.  The
 * build gives KERNEL (a string) and DATASET (MINI, SMALL, MEDIUM, LARGE or EXTRALARGE): sizes are constants, as in the
 * published suite, so that the compilers see them.
 */
#ifndef SGPERF_POLYBENCH_H
#define SGPERF_POLYBENCH_H

#include "sgperf_bench.h"

#if !defined(KERNEL) || !defined(DATASET)
#error "build with -DKERNEL=\"name\" and -DDATASET=MEDIUM (or MINI, SMALL, LARGE, EXTRALARGE)"
#endif

/* SIZE(mini, small, medium, large, extralarge): the published size of the data set that is built. */
#define SIZE_OF_MINI(a, b, c, d, e) a
#define SIZE_OF_SMALL(a, b, c, d, e) b
#define SIZE_OF_MEDIUM(a, b, c, d, e) c
#define SIZE_OF_LARGE(a, b, c, d, e) d
#define SIZE_OF_EXTRALARGE(a, b, c, d, e) e
#define SIZE_IN(dataset) SIZE_OF_##dataset
#define SIZE_CHOSEN(dataset) SIZE_IN(dataset)
#define SIZE(...) SIZE_CHOSEN(DATASET)(__VA_ARGS__)
#define DATASET_TEXT(dataset) #dataset
#define DATASET_NAME(dataset) DATASET_TEXT(dataset)

static void prepare(void); /* all input, anew each time */
/* The region.  A function of its own in a profile too. */
static __attribute__((noinline)) void kernel(void);
static void results(void); /* SHOW() of each array that the kernel makes */

/* In [0, 1), a multiple of 2^-24: exact as double and as float. */
static uint64_t polybench_seed;
static inline double uniform(void) {
  return (double)(bench_random(&polybench_seed) >> 8) / (1 << 24);
}
static inline void fill(double *to, size_t count) {
  for (size_t i = 0; i < count; i++) to[i] = uniform();
  bench_black_box(to);
}
#define FILL(array) fill((double *)(array), sizeof(array) / sizeof(double))

/* Results: their sum, their sum with weights (two values changing places shows), and a hash of their bits (anything
 * shows).  Engines must agree in all three; other implementations in the first two, within rounding. */
static struct {
  double sum, weighted;
  uint64_t bits, seed;
} polybench_out;

static void show(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  polybench_out.sum += value;
  polybench_out.weighted += value * ((double)(bench_random(&polybench_out.seed) >> 8) / (1 << 24));
  polybench_out.bits = (polybench_out.bits ^ bits) * 0x9e3779b97f4a7c15u;
  polybench_out.bits ^= polybench_out.bits >> 29;
}
#define SHOW(array)                                                                                                    \
  do {                                                                                                                 \
    bench_black_box(array);                                                                                            \
    for (size_t i_ = 0; i_ < sizeof(array) / sizeof(double); i_++) show(((const double *)(array))[i_]);                \
  } while (0)
/* The triangle below the diagonal, with it: what a kernel leaves alone is no result. */
#define SHOW_LOWER(array)                                                                                              \
  do {                                                                                                                 \
    bench_black_box(array);                                                                                            \
    for (size_t i_ = 0; i_ < sizeof(array) / sizeof(array)[0]; i_++)                                                   \
      for (size_t k_ = 0; k_ <= i_; k_++) show((array)[i_][k_]);                                                       \
  } while (0)

/* Text without stdio, which would be most of the module. */
static char polybench_line[256];
static size_t polybench_length;
static void put(const char *text) {
  size_t size = strlen(text);
  memcpy(polybench_line + polybench_length, text, size);
  polybench_length += size;
}
static void put_hex(uint64_t value, int digits) {
  char text[17];
  text[digits] = 0;
  while (digits > 0) {
    text[--digits] = "0123456789abcdef"[value & 15];
    value >>= 4;
  }
  put(text);
}
static void put_decimal(uint64_t value) {
  char text[21];
  size_t at = sizeof text - 1;
  text[at] = 0;
  do text[--at] = (char)('0' + value % 10);
  while (value /= 10);
  put(text + at);
}
/* As %a of C: all bits, and readable by strtod. */
static void put_double(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint64_t fraction = bits & ((1ull << 52) - 1);
  int exponent = (int)(bits >> 52 & 2047);
  if (bits >> 63) put("-");
  if (exponent == 2047) {
    put(fraction ? "nan" : "inf");
    return;
  }
  put(exponent ? "0x1." : "0x0.");
  put_hex(fraction, 13);
  exponent = exponent ? exponent - 1023 : fraction ? -1022 : 0;
  put(exponent < 0 ? "p-" : "p+");
  put_decimal((uint64_t)(exponent < 0 ? -exponent : exponent));
}

/* The sizes of the data set, in the published order. */
static void put_sizes(void);
#define SIZES(...)                                                                                                     \
  static void put_sizes(void) {                                                                                        \
    static const uint32_t sizes[] = {__VA_ARGS__};                                                                     \
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {                                                      \
      put(i ? "x" : " ");                                                                                              \
      put_decimal(sizes[i]);                                                                                           \
    }                                                                                                                  \
  }

/* "gemm MEDIUM 200x220x240 sum 0x1.8p+3 weighted 0x1.2p+2 bits 0123456789abcdef" */
int main(void) {
  polybench_seed = 1;
  prepare();
  bench_start();
  kernel();
  bench_end();
  memset(&polybench_out, 0, sizeof polybench_out);
  results();
  polybench_length = 0;
  put(KERNEL " " DATASET_NAME(DATASET));
  put_sizes();
  put(" sum ");
  put_double(polybench_out.sum);
  put(" weighted ");
  put_double(polybench_out.weighted);
  put(" bits ");
  put_hex(polybench_out.bits, 16);
  put("\n");
  bench_write(polybench_line, polybench_length);
  return 0;
}

#endif
