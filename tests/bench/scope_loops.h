/* SPDX-License-Identifier: Apache-2.0 */
/* The loops that `./dev bench scope` times.  scope_loops.c is compiled by gcc and by clang, for the executable and for
 * a shared object each; every build exports one table of this type. */
#ifndef SGPERF_BENCH_SCOPE_LOOPS_H
#define SGPERF_BENCH_SCOPE_LOOPS_H

#include <stdint.h>

/* Copies of each loop, which differ in the offset of the loop in its 64-byte line: 0, 8, .. 56. */
enum { SCOPE_ALIGNMENTS = 8 };

typedef void (*scope_loop)(uint64_t n);

struct scope_loops {
  scope_loop empty[SCOPE_ALIGNMENTS];   /* the loop alone */
  scope_loop live[SCOPE_ALIGNMENTS];    /* SGPERF_SCOPE, "bench::<build>::live" */
  scope_loop hist[SCOPE_ALIGNMENTS];    /* the same with a histogram, "bench::<build>::hist" */
  scope_loop fenced[SCOPE_ALIGNMENTS];  /* SGPERF_SCOPE_FENCED, "bench::<build>::fenced" */
  scope_loop off[SCOPE_ALIGNMENTS];     /* the same, switched off by the benchmark, "bench::<build>::off" */
  scope_loop counter[SCOPE_ALIGNMENTS]; /* SGPERF_COUNT, "bench::<build>::counter" */
  scope_loop twin[SCOPE_ALIGNMENTS];    /* the exported functions of the same name, "bench::<build>::twin" */
};

#endif
