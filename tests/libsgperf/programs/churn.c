/* SPDX-License-Identifier: Apache-2.0 */
/* churn THREADS AT_ONCE SCOPES: THREADS threads in waves of AT_ONCE, SCOPES scopes each; every tenth has a name. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <sgperf/sgperf.h>

static long scopes;
SGPERF_SITE(inner_site, "churn::inner");

static void *work(void *index) {
  if ((intptr_t)index % 10 == 0) {
    char name[16];
    snprintf(name, sizeof name, "churn-%d", (int)(intptr_t)index);
    SGPERF_THREAD_NAME(name);
  }
  for (long i = 0; i < scopes; ++i) {
    SGPERF_SCOPE("churn::outer");
    SGPERF_SCOPE_C(inner_site);
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  const long threads = atol(argv[1]), at_once = atol(argv[2]);
  scopes = atol(argv[3]);
  pthread_t *wave = calloc((size_t)at_once, sizeof *wave);
  for (long done = 0; done < threads;) {
    long n = 0;
    for (; n < at_once && done < threads; ++n, ++done)
      if (pthread_create(&wave[n], NULL, work, (void *)(intptr_t)done) != 0) return 3;
    for (long i = 0; i < n; ++i) pthread_join(wave[i], NULL);
  }
  free(wave);
  printf("threads %ld\n", threads);
  return 0;
}
