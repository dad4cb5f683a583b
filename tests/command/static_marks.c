/* SPDX-License-Identifier: Apache-2.0 */
/* What a runtime does with a rewritten module, as a program that no library can be loaded into: `static-marks write` or
 * `sleep` makes five regions of 1 ms of work each by marks that are system calls, prints and leaves with 7. */
#include "libsgperf/mark_layout.h"

#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

static char memory[65536];

static void mark(int sleeps, int end) {
  if (sleeps) {
    const struct timespec time = {0, end ? SGPERF_MARK_END_NS : SGPERF_MARK_START_NS};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
    return;
  }
  const struct iovec v[] = {
      {memory, 0},
      {memory + SGPERF_MARK_COMMON, 0},
      {memory + SGPERF_MARK_COMMON + (end ? SGPERF_MARK_END : SGPERF_MARK_START), 0},
  };
  if (writev(2, v, SGPERF_MARK_BUFFERS)) perror("writev");
}

static void work(void) {
  struct timespec now, begin;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  do clock_gettime(CLOCK_MONOTONIC, &now);
  while ((now.tv_sec - begin.tv_sec) * 1000000000 + now.tv_nsec - begin.tv_nsec < 1000000);
}

int main(int argc, char **argv) {
  const int sleeps = argc > 1 && strcmp(argv[1], "sleep") == 0;
  for (int i = 0; i < 5; i++) {
    work(); /* outside */
    mark(sleeps, 0);
    work();
    mark(sleeps, 1);
  }
  puts("regions");
  return 7;
}
