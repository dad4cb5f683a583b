/* SPDX-License-Identifier: Apache-2.0 */
/* longjmps N: N times, from inside root { parent { lost_outer { lost_inner { longjmp }}} } back into parent, which then
 * runs "jump::sibling" for 20 us and ends. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <sgperf/sgperf.h>

#include "busy.h"

SGPERF_SITE(outer_site, "jump::lost_outer");
SGPERF_SITE(inner_site, "jump::lost_inner");
static jmp_buf back;

static void leave(void) {
  static sgperf_frame outer, inner; /* static: longjmp skips their end, nothing else should be undefined */
  SGPERF_BEGIN(outer, outer_site);
  SGPERF_BEGIN(inner, inner_site);
  busy_ns(20000);
  longjmp(back, 1);
}

/* A function of its own, since variables of the one that calls setjmp() may be lost. */
__attribute__((noinline)) static void attempt(void) {
  if (setjmp(back) == 0) leave();
}

static void parent(void) {
  SGPERF_SCOPE("jump::parent");
  attempt();
  {
    SGPERF_SCOPE("jump::sibling");
    busy_ns(20000);
  }
}

int main(int argc, char **argv) {
  const int n = argc > 1 ? atoi(argv[1]) : 100;
  {
    SGPERF_SCOPE("jump::root");
    for (int i = 0; i < n; ++i) parent();
  }
  {
    SGPERF_SCOPE("jump::after"); /* a root of its own: nothing of the jumps may stick to it */
    busy_ns(20000);
  }
  printf("jumps %d\n", n);
  return 0;
}
