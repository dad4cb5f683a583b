/* SPDX-License-Identifier: Apache-2.0 */
/* phase_pmcs HOW: phases with counters (SGPERF_PHASE_PMC) under what a program may do to them.
 *   counts     known amounts of page faults, sleeping and computing, nested, and by a second thread
 *   moved      a phase that ends on another thread
 *   threads    40 threads with a phase each, one after the other
 *   fork       a child looks for descriptors of ours, and runs a phase
 *   close_all  closes everything and uses the numbers for pipes with something in them
 *   low        has no stdin, stdout or stderr while the counters are opened
 *   filter     a seccomp filter that kills for everything but writing and ending
 *   detach     sgperf_detach()
 * Prints "name value" lines with write(). */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sgperf/sgperf.h>

#include "busy.h"

static int output = 1;

static void say(const char *name, long value) {
  char line[80];
  int length = snprintf(line, sizeof line, "%s %ld\n", name, value);
  if (write(output, line, (size_t)length) != length) _exit(9);
}

/* Descriptors of perf events that this process has. */
static long perf_descriptors(void) {
  long count = 0;
  for (int fd = 0; fd < 4096; fd++) {
    char path[64], target[64] = {0};
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (readlink(path, target, sizeof target - 1) > 0 && strstr(target, "perf_event")) count++;
  }
  return count;
}

static void touch(size_t pages) {
  char *memory = mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) _exit(8);
  madvise(memory, pages * 4096, MADV_NOHUGEPAGE);
  for (size_t i = 0; i < pages; i++) memory[i * 4096] = 1;
  munmap(memory, pages * 4096);
}

static void *touch_3000(void *unused) {
  (void)unused;
  SGPERF_PHASE_BEGIN("thread");
  touch(3000);
  SGPERF_PHASE_END("thread");
  return NULL;
}

static void *end_moved(void *unused) {
  (void)unused;
  SGPERF_PHASE_END("moved");
  return NULL;
}

static void in_thread(void *(*body)(void *)) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, body, NULL) != 0) _exit(7);
  pthread_join(thread, NULL);
}

static void phase_of(const char *name, size_t pages) {
  sgperf_phase_begin(name, 0);
  touch(pages);
  sgperf_phase_end(name, 0);
}

static void counts(void) {
  SGPERF_PHASE_BEGIN("outer");
  phase_of("touch", 1000);
  SGPERF_PHASE_BEGIN("sleep");
  for (int i = 0; i < 20; i++) usleep(1000);
  SGPERF_PHASE_END("sleep");
  SGPERF_PHASE_BEGIN("compute");
  busy_ns(20000000);
  SGPERF_PHASE_END("compute");
  in_thread(touch_3000);
  SGPERF_PHASE_END("outer");
}

static int child(void) {
  say("child_descriptors", perf_descriptors());
  phase_of("child", 500);
  say("child_descriptors_in_phase", perf_descriptors());
  return 0;
}

enum { PIPES = 200 };
static void close_all(void) {
  for (int fd = 3; fd < 1024; fd++) close(fd);
  int ends[PIPES][2];
  for (int i = 0; i < PIPES; i++)
    if (pipe(ends[i]) != 0 || write(ends[i][1], "content", 7) != 7) _exit(6);
  say("highest", ends[PIPES - 1][1]);
  phase_of("after", 500);
  in_thread(touch_3000);
  long intact = 0;
  for (int i = 0; i < PIPES; i++) {
    char text[8] = {0};
    intact += read(ends[i][0], text, 7) == 7 && strcmp(text, "content") == 0;
  }
  say("intact", intact);
}

#define ALLOW(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
static void filter(void) {
  struct sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      ALLOW(SYS_write),
      ALLOW(SYS_exit_group),
      ALLOW(SYS_readlink),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
  struct sock_fprog program = {sizeof rules / sizeof rules[0], rules};
  SGPERF_PHASE_BEGIN("across");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) _exit(5);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) _exit(4);
  SGPERF_PHASE_END("across");
  SGPERF_PHASE_BEGIN("filtered");
  SGPERF_PHASE_END("filtered");
  say("descriptors", perf_descriptors());
}

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  if (!strcmp(how, "low")) {
    output = fcntl(1, F_DUPFD, 10);
    for (int fd = 0; fd < 3; fd++) close(fd);
  }
  phase_of("first", 500);
  say("feature", sgperf_feature("phase.pmc"));
  say("open", perf_descriptors());
  if (!strcmp(how, "counts")) counts();
  if (!strcmp(how, "moved")) {
    SGPERF_PHASE_BEGIN("moved");
    in_thread(end_moved);
  }
  if (!strcmp(how, "threads"))
    for (int i = 0; i < 40; i++) in_thread(touch_3000);
  if (!strcmp(how, "fork")) {
    const pid_t pid = fork();
    if (pid == 0) _exit(child());
    waitpid(pid, NULL, 0);
    phase_of("after", 500);
  }
  if (!strcmp(how, "close_all")) close_all();
  if (!strcmp(how, "low")) say("next", open("/dev/null", O_RDONLY));
  if (!strcmp(how, "filter")) filter();
  if (!strcmp(how, "detach")) sgperf_detach();
  if (strcmp(how, "filter") != 0) say("descriptors", perf_descriptors());
  if (!strcmp(how, "filter")) _exit(0);
  return 0;
}
