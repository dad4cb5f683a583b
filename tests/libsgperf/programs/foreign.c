/* SPDX-License-Identifier: Apache-2.0 */
/* foreign N: N scopes that begin on the first thread and end on another, as fibers do.  Both threads have scopes of
 * their own before and after. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <sgperf/sgperf.h>

#include "busy.h"

SGPERF_SITE(moved_site, "foreign::moved");
static sgperf_frame *frames;
static int n;

static void own_scope(int times) {
  for (int i = 0; i < times; ++i) {
    SGPERF_SCOPE("foreign::own");
  }
}

static void *finish(void *unused) {
  (void)unused;
  own_scope(10);
  busy_ns(2000000);
  for (int i = n - 1; i >= 0; --i) SGPERF_END(frames[i]);
  own_scope(10);
  return NULL;
}

int main(int argc, char **argv) {
  n = argc > 1 ? atoi(argv[1]) : 10;
  frames = calloc((size_t)n, sizeof *frames);
  own_scope(10);
  for (int i = 0; i < n; ++i) SGPERF_BEGIN(frames[i], moved_site);
  pthread_t thread;
  if (pthread_create(&thread, NULL, finish, NULL) != 0) return 3;
  pthread_join(thread, NULL);
  own_scope(10);
  free(frames);
  printf("moved %d\n", n);
  return 0;
}
