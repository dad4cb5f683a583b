/* SPDX-License-Identifier: Apache-2.0 */
/* snapshots: an engine that prints its own table, and one that resets by difference. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <sgperf/sgperf.h>

#include "busy.h"

static void *work(void *unused) {
  (void)unused;
  for (int i = 0; i < 10; ++i) {
    SGPERF_SCOPE("snap::busy");
    busy_ns(1000000);
  }
  SGPERF_COUNT("snap::bytes", 1234);
  return NULL;
}

static void print(const char *title, const sgperf_row *rows, long n) {
  for (long i = 0; i < n; ++i)
    printf("%s %s kind %u threads %u count %llu total %llu self %llu min %llu max %llu\n", title, rows[i].name,
           rows[i].kind, rows[i].threads, (unsigned long long)rows[i].count, (unsigned long long)rows[i].total,
           (unsigned long long)rows[i].self, (unsigned long long)rows[i].min, (unsigned long long)rows[i].max);
}

int main(void) {
  static sgperf_row base[64], now[64];
  printf("version %u header %u\n", sgperf_version(), (unsigned)SGPERF_VERSION);
  printf("feature_session %d feature_unknown %d\n", sgperf_feature("session"), sgperf_feature("no such feature"));
  work(NULL);
  pthread_t thread;
  if (pthread_create(&thread, NULL, work, NULL) != 0) return 3;
  pthread_join(thread, NULL);
  const long n = sgperf_snapshot(base, 64);
  printf("need %ld rows %ld one %ld\n", sgperf_snapshot(NULL, 0), n, sgperf_snapshot(now, 1));
  print("first", base, n);
  work(NULL);
  { SGPERF_SCOPE("snap::later"); }
  const long m = sgperf_snapshot(now, 64);
  sgperf_snapshot_subtract(now, (size_t)m, base, (size_t)n);
  print("since", now, m);
  printf("flush %d detach %d\n", sgperf_flush(), sgperf_detach());
  { SGPERF_SCOPE("snap::later"); /* after detach: not counted, no harm */ }
  return 0;
}
