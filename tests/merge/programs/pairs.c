/* SPDX-License-Identifier: Apache-2.0 */
/* 64 small functions that are called by one function each: whoever sees leaf_N knows who called it.  For stacks whose
 * innermost caller frame pointers have lost.  Native and Wasm. */
#define OUT __attribute__((noinline))
#define PAIR(n)                                                                                                        \
  OUT unsigned leaf_##n(unsigned x) {                                                                                  \
    return x * (2u * n + 3) + (x >> (n % 7 + 1));                                                                      \
  }                                                                                                                    \
  OUT unsigned caller_##n(unsigned x) {                                                                                \
    unsigned sum = 0;                                                                                                  \
    for (unsigned k = 0; k < 8; k++) sum += leaf_##n(x + k);                                                           \
    return sum ^ n;                                                                                                    \
  }
#define TEN(D, t) D(t##0) D(t##1) D(t##2) D(t##3) D(t##4) D(t##5) D(t##6) D(t##7) D(t##8) D(t##9)
#define ALL(D)                                                                                                         \
  D(0)                                                                                                                 \
  D(1) D(2) D(3) D(4) D(5) D(6) D(7) D(8) D(9) TEN(D, 1) TEN(D, 2) TEN(D, 3) TEN(D, 4) TEN(D, 5) D(60) D(61) D(62) D(63)
ALL(PAIR)

static volatile unsigned sink;

OUT void rounds(unsigned count) {
  unsigned sum = 0;
  for (unsigned r = 0; r < count; r++) {
#define CALL(n) sum += caller_##n(sum);
    ALL(CALL)
  }
  sink = sum;
}

#ifdef WITH_THREADS
#include <pthread.h>
#include <stddef.h>
static void *thread(void *unused) {
  (void)unused;
  rounds(300000);
  return NULL;
}
#endif

int main(void) {
#ifdef WITH_THREADS
  pthread_t threads[2];
  for (int i = 0; i < 2; i++)
    if (pthread_create(&threads[i], NULL, thread, NULL) != 0) return 1;
  rounds(300000);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
#else
  rounds(600000);
#endif
  return 0;
}
