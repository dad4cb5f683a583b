/* SPDX-License-Identifier: Apache-2.0 */
/* syscalls-loop [scope|scopes]: reads numbers from stdin, makes so many getppid calls for each and prints how many ns
 * they took.  scope: all of them in one scope and phase; scopes: in sixteen scopes in turn, a scope for each call. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifdef WITH_SGPERF
#include <sgperf/sgperf.h>
#endif

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* other load is not ours */
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t plain(long calls) {
  const uint64_t begin = now();
  for (long i = 0; i < calls; i++) syscall(SYS_getppid);
  return now() - begin;
}

#ifdef WITH_SGPERF
static uint64_t in_turn(long calls, sgperf_site **sites) {
  const uint64_t begin = now();
  for (long i = 0; i < calls; i++) {
    sgperf_frame frame;
    sgperf_scope_begin(sites[i % 16], &frame);
    syscall(SYS_getppid);
    sgperf_scope_end(&frame);
  }
  return now() - begin;
}
#endif

int main(int argc, char **argv) {
  long calls;
  const char *mode = argc > 1 ? argv[1] : "";
#ifdef WITH_SGPERF
  sgperf_site *sites[16];
  for (int i = 0; i < 16; i++) {
    char name[32];
    snprintf(name, sizeof name, "loop::scope_%d", i);
    if (sgperf_site_intern(&sites[i], name, SGPERF_SITE_SCOPE) != 0) return 1;
  }
  if (*mode) SGPERF_PHASE_BEGIN("loop");
#else
  if (*mode) return 2;
#endif
  while (scanf("%ld", &calls) == 1) {
    uint64_t spent;
#ifdef WITH_SGPERF
    if (strcmp(mode, "scopes") == 0) {
      spent = in_turn(calls, sites);
    } else if (*mode) {
      SGPERF_SCOPE("loop::all");
      spent = plain(calls);
    } else
#endif
      spent = plain(calls);
    printf("%llu\n", (unsigned long long)spent);
    fflush(stdout);
  }
  return 0;
}
