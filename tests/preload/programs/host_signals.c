/* SPDX-License-Identifier: Apache-2.0 */
/* host_signals HOW: signals and ends of a program.  No word of sgperf. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile uintptr_t nowhere = 16;
static volatile sig_atomic_t seen;

static void jump(int number) {
  seen = number;
  siglongjmp(back, 1);
}
static void note(int number) {
  seen = number;
}

/* What a program finds at its start. */
static int state(void) {
  sigset_t blocked;
  sigprocmask(SIG_SETMASK, NULL, &blocked);
  stack_t other;
  sigaltstack(NULL, &other);
  for (int i = 1; i < 65; i++) {
    struct sigaction action;
    if (sigaction(i, NULL, &action) != 0) continue;
    if (action.sa_handler != SIG_DFL || sigismember(&blocked, i) == 1)
      printf("%d ignored %d handled %d blocked %d\n", i, action.sa_handler == SIG_IGN,
             action.sa_handler != SIG_IGN && action.sa_handler != SIG_DFL, sigismember(&blocked, i));
  }
  struct itimerval timer;
  getitimer(ITIMER_PROF, &timer);
  printf("second stack %d timer %ld\n", !(other.ss_flags & SS_DISABLE), (long)timer.it_value.tv_sec);
  return 0;
}

static int own_segv(void) {
  static char stack[65536];
  stack_t second = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction action = {.sa_handler = jump, .sa_flags = SA_ONSTACK};
  sigaltstack(&second, NULL);
  sigaction(SIGSEGV, &action, NULL);
  for (volatile int i = 0; i < 3; i++)
    if (sigsetjmp(back, 1) == 0) *(volatile int *)nowhere = i;
  printf("caught %d\n", (int)seen);
  return 3;
}

static int overflow(int depth) {
  volatile char frame[4096];
  frame[0] = (char)depth;
  return overflow(depth + 1) + frame[0];
}
static int stack_overflow(void) {
  struct rlimit limit = {1 << 20, 1 << 20};
  setrlimit(RLIMIT_STACK, &limit);
  static char stack[65536];
  stack_t second = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction action = {.sa_handler = jump, .sa_flags = SA_ONSTACK};
  sigaltstack(&second, NULL);
  sigaction(SIGSEGV, &action, NULL);
  if (sigsetjmp(back, 1) == 0) return overflow(0);
  printf("overflow caught %d\n", (int)seen);
  return 4;
}

static int timers(void) {
  struct sigaction action = {.sa_handler = note};
  sigaction(SIGPROF, &action, NULL);
  sigaction(SIGALRM, &action, NULL);
  struct itimerval soon = {.it_value = {0, 5000}};
  setitimer(ITIMER_REAL, &soon, NULL);
  while (!seen) pause();
  printf("timer %d\n", (int)seen);
  return 0;
}

static int crash(void) {
  *(volatile int *)nowhere = 1;
  return 0;
}
static int aborts(void) {
  printf("before\n");
  fflush(stdout);
  abort();
}
static int exits_at_once(void) {
  printf("not flushed");
  _exit(7);
}
static int exits_raw(void) {
  syscall(SYS_exit_group, 8);
  return 0;
}
static int killed(void) {
  kill(getpid(), SIGKILL);
  return 0;
}
static int quick(void) {
  quick_exit(9);
}

/* Beyond the limit a write is SIGXFSZ: the program's own to die of. */
static int file_limit(void) {
  struct rlimit limit = {4096, 4096};
  setrlimit(RLIMIT_FSIZE, &limit);
  int fd = open("limited", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  static const char page[4096];
  for (int i = 0; i < 2; i++)
    if (write(fd, page, sizeof page) < 0) return 1;
  return 2;
}
static int file_limit_ignored(void) {
  signal(SIGXFSZ, SIG_IGN);
  printf("%d\n", file_limit());
  return 5;
}

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  static const struct {
    const char *name;
    int (*run)(void);
  } all[] = {{"state", state},         {"segv", own_segv},         {"overflow", stack_overflow},
             {"timers", timers},       {"crash", crash},           {"abort", aborts},
             {"_exit", exits_at_once}, {"exit_group", exits_raw},  {"kill", killed},
             {"quick_exit", quick},    {"file-limit", file_limit}, {"file-limit-ignored", file_limit_ignored}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(how, all[i].name) == 0) return all[i].run();
  return 99;
}
