/* SPDX-License-Identifier: Apache-2.0 */
/* Where instantiating ends and executing begins, and where that ends, in a runtime that tells nobody: by execute
 * breakpoints on the trampoline through which the host calls the guest's _start, and on its two returns.
 *
 * A recorder with eBPF sets them itself, so that its sums of system calls have the phase of their moment: it is told by
 * a knock, and asked to answer within 50 ms (session_layout.h).  Otherwise the process sets them on itself, and the
 * hits are told when the code goes away, and at the end.  Where that is refused (kernel.perf_event_paranoid above 2, a
 * seccomp filter, registers taken) the code file says so with the errno, and phases stay as code_phases.c has them. */
#include "libsgperf/kernel.h"
#include "libsgperf/runtime.h"

#include "preload/argument_modules.h"
#include "preload/breakpoints.h"
#include "preload/hit_events.h"

#include <linux/futex.h>
#include <string.h>
#include <time.h>

enum { NONE, BY_RECORDER, OWN };
static int armed = NONE; /* lock held */
static bool off, knocks;

void sgp_breakpoints_start(const char *choice, const char *knock) {
  off = choice && strcmp(choice, "0") == 0;
  knocks = knock && strcmp(knock, "1") == 0;
}

static uint32_t next_sequence(void) {
  if (!sgp_lock()) return 0;
  const uint32_t sequence = ++sgp.header->knocks;
  sgp_unlock();
  return sequence;
}

static void send(sgperf_knock *knock) {
  knock->size = sizeof *knock;
  knock->time = sgp_clock_monotonic();
  sgp_ioctl(-1, SGPERF_KNOCK_REQUEST, knock);
}

/* Whether the recorder has set them. */
static bool ask_recorder(sgperf_knock *knock) {
  static const struct timespec most = {0, 50000000};
  uint32_t *answered = &sgp.header->answered;
  const uint64_t until = sgp_clock_monotonic() + (uint64_t)most.tv_nsec;
  knock->kind = SGPERF_KNOCK_PUBLISHED;
  knock->sequence = next_sequence();
  if (!knock->sequence) return false;
  send(knock);
  for (;;) {
    const uint32_t seen = __atomic_load_n(answered, __ATOMIC_ACQUIRE);
    if (seen == knock->sequence) return sgp.header->answer == SGPERF_ANSWER_ARMED;
    if (sgp_clock_monotonic() >= until) return false;
    sgp_kernel(SYS_futex, (long)answered, FUTEX_WAIT, (long)seen, (long)&most, 0, 0);
  }
}

static void arm_own(const sgperf_knock *knock) {
  const struct sgp_hit_point points[] = {{knock->entry, SGPERF_HIT_ENTRY},
                                         {knock->normal_return, SGPERF_HIT_RETURN},
                                         {knock->unwind_return, SGPERF_HIT_UNWIND}};
  uint32_t count = 0;
  while (count < sizeof points / sizeof *points && points[count].address) count++;
  if (!sgp_lock()) return;
  if (armed == NONE) {
    /* A filter that kills does so at the first try. */
    const int error = sgp.calls == SGP_CALLS_ALL ? sgp_hits_open(points, count) : EPERM;
    if (error)
      sgp_code_hit(SGPERF_HIT_REFUSED, knock->time, knock->entry, sgp_tid(), error);
    else
      armed = OWN;
  }
  sgp_unlock();
}

bool sgp_breakpoints_wanted(uint64_t base, uint64_t length, sgperf_entry_points *out) {
  if (off || sgp.calls == SGP_CALLS_NONE || __atomic_load_n(&armed, __ATOMIC_RELAXED) == OWN) return false;
  const void *image = (const void *)(uintptr_t)base;
  return sgperf_find_entry(image, length, NULL, 0, out) || sgp_find_entry_by_arguments(image, length, out);
}

void sgp_breakpoints_set(uint64_t base, const sgperf_entry_points *points) {
  sgperf_knock knock = {0};
  knock.entry = base + points->entry;
  knock.normal_return = points->normal_return ? base + points->normal_return : 0;
  knock.unwind_return = points->unwind_return ? base + points->unwind_return : 0;
  knock.time = sgp_clock_monotonic();
  if (knocks && sgp.calls == SGP_CALLS_ALL && ask_recorder(&knock))
    __atomic_store_n(&armed, BY_RECORDER, __ATOMIC_RELAXED);
  else
    arm_own(&knock);
}

void sgp_breakpoints_gone(void) {
  const int how = __atomic_load_n(&armed, __ATOMIC_RELAXED);
  if (how == NONE) return;
  if (how == BY_RECORDER) {
    if (sgp.calls != SGP_CALLS_ALL) return;
    sgperf_knock knock = {0};
    knock.kind = SGPERF_KNOCK_GONE;
    knock.sequence = next_sequence();
    send(&knock);
  } else if (sgp_lock()) {
    sgp_hits_collect();
    if (sgp.calls == SGP_CALLS_ALL) sgp_hits_close();
    sgp_unlock();
  }
  __atomic_store_n(&armed, NONE, __ATOMIC_RELAXED);
}

void sgp_breakpoints_end(void) {
  if (armed == OWN) sgp_hits_collect();
}

void sgp_breakpoints_after_fork(void) {
  off = true; /* the code is a copy of the parent's, which is watched there */
  armed = NONE;
  sgp_hits_after_fork();
}
