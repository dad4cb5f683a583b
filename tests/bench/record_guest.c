/* SPDX-License-Identifier: Apache-2.0 */
/* bench-record's guest: a second of work in functions that call each other, and how long that took, in ns. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

__attribute__((noinline)) static uint32_t leaf(uint32_t x) {
  return x * 1664525u + 1013904223u;
}
__attribute__((noinline)) static uint32_t middle(uint32_t x) {
  for (int i = 0; i < 64; i++) x = leaf(x) ^ (x >> 7);
  return x;
}

int main(int argc, char **argv) {
  const long rounds = argc > 1 ? atol(argv[1]) : 4000000;
  struct timespec before, after;
  clock_gettime(CLOCK_MONOTONIC, &before);
  uint32_t x = 1;
  for (long i = 0; i < rounds; i++) x ^= middle(x + (uint32_t)i);
  clock_gettime(CLOCK_MONOTONIC, &after);
  printf("%lld %u\n", (long long)(after.tv_sec - before.tv_sec) * 1000000000 + (after.tv_nsec - before.tv_nsec), x);
  return 0;
}
