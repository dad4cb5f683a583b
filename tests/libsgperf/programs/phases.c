/* SPDX-License-Identifier: Apache-2.0 */
/* phases: every way to use phases and bench marks that is right or wrong; prints what each call returned, one name a
 * line. */
#include <pthread.h>
#include <stdio.h>

#include <sgperf/sgperf.h>

#include "busy.h"

static void *end_on_other_thread(void *unused) {
  (void)unused;
  printf("other_end %d\n", sgperf_phase_end("moved", 7));
  return NULL;
}

int main(void) {
  /* nested */
  printf("outer %d\n", sgperf_phase_begin("outer", 0));
  busy_ns(1000000);
  printf("inner %d\n", sgperf_phase_begin("inner", 0));
  busy_ns(3000000);
  { SGPERF_SCOPE("phases::scope"); }
  printf("inner_end %d\n", sgperf_phase_end("inner", 0));
  printf("outer_end %d\n", sgperf_phase_end("outer", 0));

  /* one name, two cookies, ended in the order they began */
  printf("cookie1 %d\n", sgperf_phase_begin("cookie", 1));
  printf("cookie2 %d\n", sgperf_phase_begin("cookie", 2));
  printf("wrong_cookie %d\n", sgperf_phase_end("cookie", 3));
  printf("cookie2_end %d\n", sgperf_phase_end("cookie", 2));
  printf("cookie1_end %d\n", sgperf_phase_end("cookie", 1));

  /* an inner one that nobody ended */
  SGPERF_PHASE_BEGIN("around");
  SGPERF_PHASE_BEGIN("forgotten");
  SGPERF_PHASE_END("around");

  /* another thread */
  printf("moved %d\n", sgperf_phase_begin("moved", 7));
  pthread_t thread;
  if (pthread_create(&thread, NULL, end_on_other_thread, NULL) != 0) return 3;
  pthread_join(thread, NULL);

  /* wrong */
  printf("never_begun %d\n", sgperf_phase_end("never", 0));
  printf("null %d\n", sgperf_phase_begin(NULL, 0));

  /* bench marks */
  printf("end_without_start %d\n", sgperf_bench_end(1));
  printf("start %d\n", sgperf_bench_start(1));
  printf("double_start %d\n", sgperf_bench_start(1));
  busy_ns(1000000);
  printf("end %d\n", sgperf_bench_end(1));
  printf("double_end %d\n", sgperf_bench_end(1));
  printf("two_ids %d\n", sgperf_bench_start(10) | sgperf_bench_start(11));
  printf("two_ids_end %d\n", sgperf_bench_end(10) | sgperf_bench_end(11));
  printf("open_at_exit %d\n", sgperf_phase_begin("open_at_exit", 0));
  return 0;
}
