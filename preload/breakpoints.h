/* SPDX-License-Identifier: Apache-2.0 */
/* Phases to the instruction: breakpoints on a guest's entry and its returns. */
#ifndef SGPERF_PRELOAD_BREAKPOINTS_H
#define SGPERF_PRELOAD_BREAKPOINTS_H

#include "libsgperf/entry_layout.h"

/* Whether breakpoints are to be set in an image that was published, and where.  Lock not held. */
bool sgp_breakpoints_wanted(uint64_t base, uint64_t length, sgperf_entry_points *out);
/* Sets them: none of its code has run.  Lock not held. */
void sgp_breakpoints_set(uint64_t base, const sgperf_entry_points *points);
/* The last image of the process goes away.  Lock not held. */
void sgp_breakpoints_gone(void);

#endif
