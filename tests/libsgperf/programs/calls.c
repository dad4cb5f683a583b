/* SPDX-License-Identifier: Apache-2.0 */
/* calls [N] [EXIT]: N times "alpha::outer" { "alpha::inner", "beta::inner" }, then one line of output and exit code
 * EXIT. With TEST_BUSY_US in the environment each "alpha::inner" lasts that long, and one line tells how long all of
 * them lasted. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sgperf/sgperf.h>

#include "busy.h"

int main(int argc, char **argv) {
  const int n = argc > 1 ? atoi(argv[1]) : 100;
  const char *busy = getenv("TEST_BUSY_US");
  const uint64_t busy_each = busy ? (uint64_t)atoi(busy) * 1000u : 0;
  uint64_t spent = 0;
  for (int i = 0; i < n; ++i) {
    SGPERF_SCOPE("alpha::outer");
    {
      const uint64_t before = busy_each ? monotonic_ns() : 0;
      SGPERF_SCOPE("alpha::inner");
      if (busy_each) {
        busy_ns(busy_each);
        spent += monotonic_ns() - before;
      }
    }
    { SGPERF_SCOPE("beta::inner"); }
  }
  if (busy_each) printf("spent %llu ns\n", (unsigned long long)spent);
  printf("calls %d\n", n);
  return argc > 2 ? atoi(argv[2]) : 0;
}
