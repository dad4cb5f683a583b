/* SPDX-License-Identifier: Apache-2.0 */
/* A seccomp filter is about to be installed (preload/seccomp_hooks.c saw it).  It may kill for any call it does not
 * know, and what the host's author allowed did not include ours: from here on this library makes none. */
#include "libsgperf/runtime.h"

#include <errno.h>
#include <string.h>

static int calls_before;

void sgp_seccomp_coming(bool strict) {
  if (strict && sgp_live()) sgp_counter_stops();
  if (!sgp_live() || sgp.calls == SGP_CALLS_NONE || !sgp_lock()) return;
  int saved_errno = errno;
  sgp_first_use();
  sgp_pmc_close();
  sgp_memory_prepare_for_seccomp();
  sgp_anchor(&sgp.header->end); /* for the case that none can be taken later */
  sgp.header->flags |= SGPERF_SESSION_FLAG_SECCOMP;
  calls_before = sgp.calls;
  __atomic_store_n(&sgp.calls, SGP_CALLS_NONE, __ATOMIC_SEQ_CST);
  sgp_unlock();
  errno = saved_errno;
}

/* The kernel refused the filter. */
void sgp_seccomp_failed(void) {
  if (sgp_live()) sgp_counter_goes_on();
  if (sgp_live() && sgp.calls == SGP_CALLS_NONE) __atomic_store_n(&sgp.calls, calls_before, __ATOMIC_SEQ_CST);
}

void sgp_counter_stops(void) {
  if (!sgp_live()) return;
  sgp_anchor(&sgp.header->end);
  sgp_clock_stop();
}

void sgp_counter_goes_on(void) {
  if (sgp_live()) sgp_clock_resume();
}
