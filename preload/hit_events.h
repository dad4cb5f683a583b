/* SPDX-License-Identifier: Apache-2.0 */
/* Execute breakpoints of this process on itself.  All under the lock of the tables (lock.c). */
#ifndef SGPERF_PRELOAD_HIT_EVENTS_H
#define SGPERF_PRELOAD_HIT_EVENTS_H

#include <stdint.h>

struct sgp_hit_point {
  uint64_t address;
  uint32_t role; /* SGPERF_HIT_* */
};

/* For all threads of the process and those they make.  0, or an errno: then there is none. */
int sgp_hits_open(const struct sgp_hit_point *points, uint32_t count);
/* Appends what was hit since to the code file.  Loads and stores only. */
void sgp_hits_collect(void);
void sgp_hits_close(void);
/* The child of a fork has no rings: their mappings are not inherited. */
void sgp_hits_after_fork(void);

#endif
