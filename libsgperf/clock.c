/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks.  The time-stamp counter is read raw; a reader converts it to ns with the anchors of the session, over the
 * whole life of the process, so nothing has to be calibrated (slept for) here. */
#include "libsgperf/kernel.h"
#include "libsgperf/runtime.h"

#include <string.h>
#include <time.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

/* Strict seccomp and PR_SET_TSC make rdtsc a SIGSEGV for the thread, in the vDSO as well.  Its block then says timer 2:
 * the inline code takes the way of the clock, arrives here, and gets the last moment that could be read, in the unit
 * of the session.  Open scopes end there; later ones take no time. */
enum { STOPPED = 2 };
static uint64_t last_moment;

bool sgp_clock_stopped(void) {
  return sgperf_current && sgperf_current->timer == STOPPED;
}

void sgp_clock_stop(void) {
  sgperf_block *block = sgp_attach();
  if (sgp_clock_stopped()) return;
  last_moment = sgp_now();
  block->timer = STOPPED;
}

void sgp_clock_resume(void) {
  if (sgp_clock_stopped()) sgperf_current->timer = sgp.timer == SGPERF_TIMER_TSC ? 0 : 1;
}

/* libc's own, by the vDSO; the host's function of that name is not ours to call (kernel.h). */
static int (*next_clock_gettime)(clockid_t, struct timespec *);
void sgp_clock_start(void) {
  *(void **)&next_clock_gettime = sgp_libc("clock_gettime", "GLIBC_2.17");
}

static uint64_t clock_ns(clockid_t id) {
  /* With a clock source that the vDSO cannot read, clock_gettime is a system call, and under a filter that has come
   * since the start none is made: all durations are 0 then, in a configuration where scopes cost a microsecond anyway.
   */
  if (__builtin_expect(sgp.calls == SGP_CALLS_NONE && !sgp.vdso_clock, 0)) return 0;
  struct timespec now;
  if ((next_clock_gettime ? next_clock_gettime : clock_gettime)(id, &now) != 0) return 0;
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t sgp_clock_raw(void) {
  if (__builtin_expect(sgp_clock_stopped(), 0)) return last_moment;
  return clock_ns(CLOCK_MONOTONIC_RAW);
}
uint64_t sgp_clock_monotonic(void) {
  return sgp_clock_stopped() ? sgp.header->end.monotonic : clock_ns(CLOCK_MONOTONIC);
}

uint64_t sgp_now(void) {
  if (sgp_clock_stopped()) return last_moment;
  return sgp.timer == SGPERF_TIMER_TSC ? sgperf_i_ticks() : sgp_clock_raw();
}
uint64_t sgp_now_fenced(void) {
  if (sgp_clock_stopped()) return last_moment;
  return sgp.timer == SGPERF_TIMER_TSC ? sgperf_i_ticks_begin_fenced() : sgp_clock_raw();
}

/* At the start by the kernel itself, 60 ns more: libc's function would be the first thing that touches its pages (a
 * fault maps 64 KiB of libc), in programs that say nothing the only one. */
static uint64_t anchor_ns(clockid_t id) {
  struct timespec now;
  const bool started = sgp.header && sgp.header->start.uncertainty;
  if (started || sgp.calls != SGP_CALLS_ALL) return clock_ns(id);
  if (sgp_kernel(SYS_clock_gettime, id, (long)&now, 0, 0, 0, 0) != 0) return 0;
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void sgp_anchor(sgperf_anchor *out) {
  sgperf_anchor best = {0};
  if (sgp_clock_stopped() || (sgp.calls == SGP_CALLS_NONE && !sgp.vdso_clock)) {
    *out = best; /* not taken */
    return;
  }
  /* The tightest of three at most: the first pays for cold caches, any may be interrupted. */
  enum { TIGHT = 200 };
  for (int i = 0; i < 3 && (!best.uncertainty || best.uncertainty > TIGHT); i++) {
    sgperf_anchor a = {0};
    uint64_t before = sgperf_i_ticks_begin_fenced();
    a.monotonic_raw = anchor_ns(CLOCK_MONOTONIC_RAW);
    uint64_t after = sgperf_i_ticks_begin_fenced();
    a.monotonic = anchor_ns(CLOCK_MONOTONIC);
    a.boottime = anchor_ns(CLOCK_BOOTTIME);
    a.realtime = anchor_ns(CLOCK_REALTIME);
    a.uncertainty = after - before;
    if (!a.uncertainty) a.uncertainty = 1; /* 0 says "not taken" */
    a.tsc = before + (after - before) / 2;
    if (!best.uncertainty || a.uncertainty < best.uncertainty) best = a;
  }
  *out = best;
}

/* The kernel's clock source is its own verdict on the counter's stability, and the CPU's flag says that it neither
 * changes its rate nor stops.  /proc/cpuinfo says the same but takes the kernel far longer to print. */
static bool tsc_usable(const char **out_why) {
  char source[32] = {0};
  int fd = sgp_open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY | O_CLOEXEC, 0);
  if (fd >= 0) {
    ssize_t n = sgp_read(fd, source, sizeof source - 1);
    sgp_close(fd);
    if (n < 0) source[0] = 0;
  }
  source[strcspn(source, "\n")] = 0;
  bool tsc = strcmp(source, "tsc") == 0;
  sgp.vdso_clock = tsc || strcmp(source, "kvm-clock") == 0 || strncmp(source, "hyperv", 6) == 0 ||
                   strcmp(source, "arch_sys_counter") == 0;
#if defined(__x86_64__)
  if (!tsc) {
    *out_why = source[0] ? "timer is clock: the kernel's clock source is not tsc"
                         : "timer is clock: the kernel's clock source could not be read";
    return false;
  }
  /* One cpuid, without asking for the highest leaf first: every x86-64 CPU has this one, and in a VM each costs an
   * exit. */
  unsigned a, b, c, d;
  __cpuid(0x80000007, a, b, c, d);
  if (!(d & (1u << 8))) {
    *out_why = "timer is clock: the CPU's time-stamp counter is not invariant";
    return false;
  }
  return true;
#elif defined(__aarch64__)
  return true; /* cntvct_el0 is architected to be constant */
#else
  *out_why = "timer is clock: no counter known for this architecture";
  return false;
#endif
}

/* Lock held. */
void sgp_timer_decide(void) {
  if (sgp.timer_decided) return;
  const char *why = NULL;
  bool usable = tsc_usable(&why);
  sgp.timer = usable && !sgp.wants_clock ? SGPERF_TIMER_TSC : SGPERF_TIMER_CLOCK;
  sgperf_session_header *h = sgp.header;
  if (usable) h->flags |= SGPERF_SESSION_FLAG_INVARIANT_TSC;
  if (!usable && !sgp.wants_clock && !h->note[0]) sgp_put_text(h->note, h->note + sizeof h->note, why);
  __atomic_store_n(&h->timer, sgp.timer, __ATOMIC_RELEASE);
  sgp.timer_decided = true;
}
