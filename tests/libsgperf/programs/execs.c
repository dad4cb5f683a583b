/* SPDX-License-Identifier: Apache-2.0 */
/* execs N: N scopes "exec::step", then the same program in its place with N-1, until N is 1. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sgperf/sgperf.h>

int main(int argc, char **argv) {
  const int n = argc > 1 ? atoi(argv[1]) : 1;
  for (int i = 0; i < n; ++i) {
    SGPERF_SCOPE("exec::step");
  }
  if (n <= 1) {
    printf("last\n");
    return 5;
  }
  char left[16];
  snprintf(left, sizeof left, "%d", n - 1);
  execl("/proc/self/exe", argv[0], left, (char *)NULL);
  return 3;
}
