/* SPDX-License-Identifier: Apache-2.0 */
/* marks: the system calls of marks and their near misses.  Prints what each gave, a line each: the same with the
 * library and without it, but for marks on a descriptor that is none. */
#include "libsgperf/mark_layout.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static ssize_t write_three(int fd, const char *base, size_t first, size_t second, size_t length) {
  struct iovec v[] = {{(void *)base, 0}, {(void *)(base + first), 0}, {(void *)(base + first + second), length}};
  return writev(fd, v, 3);
}
static ssize_t mark(int fd, const char *base, size_t number) {
  return write_three(fd, base, SGPERF_MARK_COMMON, number, 0);
}
static int sleep_for(long ns) {
  struct timespec time = {0, ns};
  return clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

static char one[65536], other[65536];
static pthread_barrier_t both;

static void *region(void *base) {
  mark(2, base, SGPERF_MARK_START);
  pthread_barrier_wait(&both); /* both are open at the same time */
  mark(2, base, SGPERF_MARK_END);
  return NULL;
}

int main(void) {
  one[SGPERF_MARK_COMMON + SGPERF_MARK_START] = 'x';
  errno = 0;
  printf("no descriptor: %d", (int)mark(-1, one, SGPERF_MARK_START));
  printf(" %d\n", (int)mark(-1, one, SGPERF_MARK_END));
  for (int i = 0; i < 3; i++) {
    printf("region: %d", (int)mark(2, one, SGPERF_MARK_START));
    printf(" %d\n", (int)mark(2, one, SGPERF_MARK_END));
  }
  for (int i = 0; i < 4; i++) {
    printf("sleeping region: %d", sleep_for(SGPERF_MARK_START_NS));
    printf(" %d\n", sleep_for(SGPERF_MARK_END_NS));
  }
  pthread_t thread;
  pthread_barrier_init(&both, NULL, 2);
  if (pthread_create(&thread, NULL, region, other) != 0) return 1;
  region(one);
  pthread_join(thread, NULL);
  /* Near misses. */
  fflush(stdout);
  printf("data: %d\n", (int)write_three(1, one, SGPERF_MARK_COMMON, SGPERF_MARK_START, 1));
  printf("other numbers: %d %d\n", (int)write_three(2, one, SGPERF_MARK_COMMON + 1, SGPERF_MARK_START, 0),
         (int)write_three(2, one, SGPERF_MARK_COMMON, SGPERF_MARK_START + 1, 0));
  struct iovec two[] = {{one, 0}, {one + SGPERF_MARK_COMMON, 0}};
  printf("two buffers: %d\n", (int)writev(2, two, 2));
  errno = 0;
  ssize_t rc = write_three(-1, one, 1, 1, 0);
  printf("refused: %d %d\n", (int)rc, errno == EBADF);
  errno = 7;
  printf("bad sleep: %d", sleep_for(-1) == EINVAL);
  printf(" %d\n", errno);
  struct timespec from, to;
  clock_gettime(CLOCK_MONOTONIC, &from);
  int slept = sleep_for(3000000);
  clock_gettime(CLOCK_MONOTONIC, &to);
  printf("sleep: %d %d\n", slept, (to.tv_sec - from.tv_sec) * 1000000000L + to.tv_nsec - from.tv_nsec >= 3000000);
  return 0;
}
