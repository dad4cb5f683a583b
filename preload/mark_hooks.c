/* SPDX-License-Identifier: Apache-2.0 */
/* writev and clock_nanosleep, for the marks of a benchmark in a runtime that never heard of them
 * (libsgperf/mark_layout.h).  A mark becomes bench.start or bench.end and is kept from the kernel: the record is its
 * only effect.  All other calls are forwarded as they are; versions and visibility as in seccomp_hooks.c. */
#include "libsgperf/kernel.h"
#include "libsgperf/mark_layout.h"
#include "libsgperf/runtime.h"

#if defined(__x86_64__)
#include <time.h>

typedef ssize_t writev_function(int, const struct iovec *, int);
typedef int nanosleep_function(clockid_t, int, const struct timespec *, struct timespec *);

static writev_function *next_writev;
static nanosleep_function *next_nanosleep;

/* What libc's would do, for a load order in which there is none behind us. */
static ssize_t straight_writev(int fd, const struct iovec *v, int count) {
  return sgp_writev(fd, v, count);
}
static int straight_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left) {
  int saved_errno = errno;
  int rc = sgp_kernel(SYS_clock_nanosleep, clock, flags, (long)time, (long)left, 0, 0) == 0 ? 0 : errno;
  errno = saved_errno;
  return rc;
}

static void find(void) {
  *(void **)&next_writev = sgp_libc("writev", "GLIBC_2.2.5");
  *(void **)&next_nanosleep = sgp_libc("clock_nanosleep", "GLIBC_2.17");
  if (!next_writev) next_writev = straight_writev;
  if (!next_nanosleep) next_nanosleep = straight_nanosleep;
}

/* At start, so that no call of the host ever waits for the loader's lock. */
void sgp_marks_start(void) {
  find();
}

ssize_t sgp_hook_writev(int fd, const struct iovec *v, int count);
__attribute__((visibility("default"))) ssize_t sgp_hook_writev(int fd, const struct iovec *v, int count) {
  if (__builtin_expect(count == SGPERF_MARK_BUFFERS && v, 0) && !(v[0].iov_len | v[1].iov_len | v[2].iov_len) &&
      (uintptr_t)v[1].iov_base - (uintptr_t)v[0].iov_base == SGPERF_MARK_COMMON) {
    uintptr_t number = (uintptr_t)v[2].iov_base - (uintptr_t)v[1].iov_base;
    /* The first address is that of the guest's memory: it tells instances apart. */
    if (number == SGPERF_MARK_START) return sgp_bench_start((uintptr_t)v[0].iov_base), 0;
    if (number == SGPERF_MARK_END) return sgp_bench_end((uintptr_t)v[0].iov_base), 0;
  }
  if (!next_writev) find();
  return next_writev(fd, v, count);
}
__asm__(".symver sgp_hook_writev,writev@GLIBC_2.2.5");

int sgp_hook_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left);
__attribute__((visibility("default"))) int sgp_hook_nanosleep(clockid_t clock, int flags, const struct timespec *time,
                                                              struct timespec *left) {
  if (clock == CLOCK_MONOTONIC && !flags && time && !time->tv_sec) {
    if (time->tv_nsec == SGPERF_MARK_START_NS) return sgp_bench_start(sgp_tid()), 0;
    if (time->tv_nsec == SGPERF_MARK_END_NS) return sgp_bench_end(sgp_tid()), 0;
  }
  if (!next_nanosleep) find();
  return next_nanosleep(clock, flags, time, left);
}
__asm__(".symver sgp_hook_nanosleep,clock_nanosleep@GLIBC_2.17");
#else
void sgp_marks_start(void) {}
#endif
