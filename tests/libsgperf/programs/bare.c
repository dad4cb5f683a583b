/* SPDX-License-Identifier: Apache-2.0 */
/* The header and no library: everything is off, nothing fails.  Linked dynamically and statically. */
#include <stdio.h>

#include <sgperf/sgperf.h>

int main(void) {
  for (int i = 0; i < 1000; ++i) {
    SGPERF_SCOPE("bare::scope");
    SGPERF_COUNT("bare::count", 1);
  }
  sgperf_site *site = NULL;
  const int interned = sgperf_site_intern(&site, "bare::dynamic", SGPERF_SITE_SCOPE);
  SGPERF_SCOPE_C(*site);
  printf("version %u intern %d enable %d phase %d bench %d snapshot %ld feature %d\n", sgperf_version(), interned,
         sgperf_enable("*", 1), sgperf_phase_begin("p", 0), sgperf_bench_start(0), sgperf_snapshot(NULL, 0),
         sgperf_feature("session"));
  return 0;
}
