/* SPDX-License-Identifier: Apache-2.0 */
/* toggles THREADS MS: THREADS threads open and close nested scopes while the first switches them off and on, for MS ms.
 * Prints how often each thread did and how long all of it took. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <sgperf/sgperf.h>

#include "busy.h"

static int stop;
static uint64_t finished[64];

static void *work(void *index) {
  uint64_t n = 0;
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
    SGPERF_SCOPE("toggle::outer");
    { SGPERF_SCOPE("toggle::inner"); }
    ++n;
  }
  finished[(size_t)index] = n;
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const size_t threads = (size_t)atoi(argv[1]);
  pthread_t ids[64];
  if (threads > 64) return 2;
  const uint64_t start = monotonic_ns(), end = start + (uint64_t)atoi(argv[2]) * 1000000u;
  for (size_t i = 0; i < threads; ++i)
    if (pthread_create(&ids[i], NULL, work, (void *)i) != 0) return 3;
  uint64_t toggles = 0;
  for (; monotonic_ns() < end; ++toggles) {
    if (sgperf_enable(toggles % 3 ? "toggle::inner" : "toggle::*", (int)(toggles & 1)) < 0) return 4;
    if (toggles % 64 == 0) busy_ns(20000);
  }
  sgperf_enable("toggle::*", 1);
  busy_ns(1000000);
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  uint64_t sum = 0;
  for (size_t i = 0; i < threads; ++i) {
    pthread_join(ids[i], NULL);
    sum += finished[i];
  }
  printf("scopes %llu toggles %llu ns %llu\n", (unsigned long long)sum, (unsigned long long)toggles,
         (unsigned long long)(monotonic_ns() - start));
  return 0;
}
