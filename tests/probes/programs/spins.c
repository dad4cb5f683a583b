/* SPDX-License-Identifier: Apache-2.0 */
/* spins user|kernel|threads MS: burns MS milliseconds of processor time in the scope "spins::loop" of the phase "spin".
 * user: in spin(), called by middle(), called by work(); kernel: in getrandom calls; threads: as user, in two threads
 * at once.  spin() is a leaf without a frame of its own, the other two have frame pointers. Prints where the three
 * begin and end: six numbers. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <sgperf/sgperf.h>

/* In sections of their own, whose ends the linker names. */
#define IN(section_name) __attribute__((noinline, section(section_name)))
extern char __start_spin_text[], __stop_spin_text[], __start_middle_text[], __stop_middle_text[];
extern char __start_work_text[], __stop_work_text[];

static volatile uint64_t sink;

static uint64_t spent_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

IN("spin_text") static void spin(void) {
  for (int i = 0; i < 20000000; i++) sink += (uint64_t)i;
}

IN("middle_text") static void middle(uint64_t until) {
  while (spent_ns() < until) {
    spin();
    __asm__ volatile("");
  }
}

static int in_kernel;
static uint64_t budget;

IN("work_text") static void *work(void *nothing) {
  SGPERF_SCOPE("spins::loop");
  static char buffer[1 << 16];
  const uint64_t until = spent_ns() + budget;
  if (in_kernel)
    while (spent_ns() < until) {
      if (getrandom(buffer, sizeof buffer, 0) < 0) exit(1);
    }
  else
    middle(until);
  return nothing;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  in_kernel = strcmp(argv[1], "kernel") == 0;
  budget = strtoull(argv[2], NULL, 10) * 1000000u;
  printf("%p %p %p %p %p %p\n", (void *)__start_spin_text, (void *)__stop_spin_text, (void *)__start_middle_text,
         (void *)__stop_middle_text, (void *)__start_work_text, (void *)__stop_work_text);
  fflush(stdout);
  SGPERF_PHASE_BEGIN("spin");
  if (strcmp(argv[1], "threads") == 0) {
    pthread_t ids[2];
    for (int i = 0; i < 2; i++)
      if (pthread_create(&ids[i], NULL, work, NULL) != 0) return 1;
    for (int i = 0; i < 2; i++) pthread_join(ids[i], NULL);
  } else {
    work(NULL);
  }
  SGPERF_PHASE_END("spin");
  return 0;
}
