/* SPDX-License-Identifier: Apache-2.0 */
/* counters: two threads; counters 1..100, gauges, a histogram of 500 empty scopes and 500 of 100 us, a fenced scope. */
#include <pthread.h>
#include <stdio.h>

#include <sgperf/sgperf.h>

#include "busy.h"

SGPERF_SITE_HIST(histogram_site, "count::histogram");

static void *work(void *base) {
  for (uint64_t i = 1; i <= 100; ++i) {
    SGPERF_COUNT("count::items", i);
    SGPERF_GAUGE_MAX("count::depth", (uint64_t)(uintptr_t)base + i);
  }
  for (int i = 0; i < 250; ++i) {
    {
      SGPERF_SCOPE_C(histogram_site);
    }
    SGPERF_SCOPE_C(histogram_site);
    busy_ns(100000);
  }
  for (int i = 0; i < 50; ++i) {
    SGPERF_SCOPE_FENCED("count::fenced");
  }
  return NULL;
}

int main(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, work, (void *)1000) != 0) return 3;
  work((void *)0);
  pthread_join(thread, NULL);
  printf("done\n");
  return 0;
}
