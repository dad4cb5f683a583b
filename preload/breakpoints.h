/* SPDX-License-Identifier: Apache-2.0 */
/* Phases to the instruction: breakpoints on a guest's entry and its returns. */
#ifndef SGPERF_PRELOAD_BREAKPOINTS_H
#define SGPERF_PRELOAD_BREAKPOINTS_H

#include <stdint.h>

/* An image was published, and none of its code has run.  Lock not held. */
void sgp_breakpoints_published(uint64_t eh_frame, uint64_t base, uint64_t length);
/* The last image of the process goes away.  Lock not held. */
void sgp_breakpoints_gone(void);

#endif
