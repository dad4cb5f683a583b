/* SPDX-License-Identifier: Apache-2.0 */
/* nests N: N trees of scopes of random shape, recursion included, on one thread, each under "nest::root". */
#include <stdio.h>
#include <stdlib.h>

#include <sgperf/sgperf.h>

#include "busy.h"

static uint32_t state = 12345;
static uint32_t next(void) {
  return state = state * 1664525u + 1013904223u;
}

static void grow(int depth) {
  SGPERF_SCOPE("nest::grow");
  const int children = depth > 0 ? (int)(next() >> 8) % 4 : 0;
  for (int i = 0; i < children; ++i) {
    if (next() & 0x10000) {
      SGPERF_SCOPE("nest::leaf");
      if ((next() & 0x70000) == 0) busy_ns(1000);
    } else
      grow(depth - 1);
  }
}

int main(int argc, char **argv) {
  const int n = argc > 1 ? atoi(argv[1]) : 1000;
  for (int i = 0; i < n; ++i) {
    SGPERF_SCOPE("nest::root");
    grow(6);
  }
  printf("trees %d\n", n);
  return 0;
}
