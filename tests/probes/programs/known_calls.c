/* SPDX-License-Identifier: Apache-2.0 */
/* known_calls THREADS SCOPES CALLS: each thread makes CALLS getpgrp calls in each of SCOPES scopes ("known::scope_N",
 * the same for all threads), then CALLS outside of any.  In front, the first thread makes 10 in the phase "one" and 20
 * in the phase "two", outside of any scope.  Prints how many getpgrp calls the process made. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <sgperf/sgperf.h>

static sgperf_site **sites;
static long scopes, calls;

static uint64_t call(long n) {
  for (long i = 0; i < n; i++) syscall(SYS_getpgrp);
  return (uint64_t)n;
}

static void *thread_main(void *made) {
  uint64_t n = 0;
  for (long i = 0; i < scopes; i++) {
    sgperf_frame frame;
    sgperf_scope_begin(sites[i], &frame);
    n += call(calls);
    sgperf_scope_end(&frame);
  }
  n += call(calls);
  *(uint64_t *)made = n;
  return NULL;
}

static void *bare_main(void *nothing) {
  call(30);
  return nothing;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  const long threads = atol(argv[1]);
  scopes = atol(argv[2]);
  calls = atol(argv[3]);
  sites = calloc((size_t)scopes + 1, sizeof *sites);
  for (long i = 0; i < scopes; i++) {
    char name[48];
    static sgperf_site off = {sizeof(sgperf_site), 0, "", "", 0, 0};
    snprintf(name, sizeof name, "known::scope_%ld", i);
    if (sgperf_site_intern(&sites[i], name, SGPERF_SITE_SCOPE) != 0) sites[i] = &off;
  }
  uint64_t total = 0;
  SGPERF_PHASE_BEGIN("one");
  total += call(10);
  SGPERF_PHASE_END("one");
  SGPERF_PHASE_BEGIN("two");
  total += call(20);
  SGPERF_PHASE_END("two");
  pthread_t *ids = calloc((size_t)threads + 1, sizeof *ids);
  uint64_t *made = calloc((size_t)threads, sizeof *made);
  for (long i = 0; i < threads; i++)
    if (pthread_create(&ids[i], NULL, thread_main, &made[i]) != 0) return 1;
  for (long i = 0; i < threads; i++) {
    pthread_join(ids[i], NULL);
    total += made[i];
  }
  SGPERF_PHASE_BEGIN("three");
  if (pthread_create(&ids[0], NULL, bare_main, NULL) != 0) return 1;
  pthread_join(ids[0], NULL);
  total += 30;
  SGPERF_PHASE_END("three");
  printf("%llu\n", (unsigned long long)total);
  return 0;
}
