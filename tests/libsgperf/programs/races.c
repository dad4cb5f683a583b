/* SPDX-License-Identifier: Apache-2.0 */
/* races HOW MS [LIBRARY]: things that happen at the same time, for MS ms; prints what must be in the session.
 *   unload   one thread loads, calls and unloads LIBRARY, two switch all sites off and on
 *   fork     two threads run scopes and make new sites while the first forks children that do the same
 *   signal   a timer's handler runs scopes and makes sites inside the scopes and the site-making of the program
 *   filter   (MS counts half microseconds) a thread's first scopes come at the moment that a seccomp filter for all
 * threads does */
#include <dlfcn.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sgperf/sgperf.h>

#include "busy.h"

static int stop;
static uint64_t finished[4];

static void scope(void) {
  SGPERF_SCOPE("race::scope");
}

/* Sites that nobody has seen yet, of all kinds, `n` of them from `first`. */
static void new_sites(int first, int n) {
  for (int i = first; i < first + n; ++i) {
    char name[40];
    snprintf(name, sizeof name, "race::new_%d", i);
    sgperf_site *site = NULL;
    if (sgperf_site_intern(&site, name, SGPERF_SITE_SCOPE) != 0) return; /* no place left, or in the way of a signal */
    SGPERF_SCOPE_C(*site);
  }
}

static void *switch_sites(void *unused) {
  (void)unused;
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
    if (sgperf_enable("plugin::*", 0) < 0 || sgperf_enable("*", 1) < 0) exit(6);
  }
  return NULL;
}

static int unload(uint64_t end, const char *library) {
  pthread_t threads[2];
  for (int i = 0; i < 2; ++i)
    if (pthread_create(&threads[i], NULL, switch_sites, NULL) != 0) return 3;
  int rounds = 0;
  for (; monotonic_ns() < end; ++rounds) {
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    int (*work)(int) = NULL;
    if (!handle) return 4;
    *(void **)&work = dlsym(handle, "plugin_work");
    if (!work || work(3) != 3) return 4;
    dlclose(handle);
  }
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
  printf("rounds %d\n", rounds);
  return 0;
}

static void *run_scopes(void *index) {
  uint64_t n = 0;
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
    scope();
    if (++n % 4096 == 0) new_sites((int)(n / 4096 % 200) * 2 + (int)(intptr_t)index * 500, 2);
  }
  finished[(size_t)index] = n;
  return NULL;
}

static int forks(uint64_t end) {
  pthread_t threads[2];
  for (intptr_t i = 0; i < 2; ++i)
    if (pthread_create(&threads[i], NULL, run_scopes, (void *)i) != 0) return 3;
  uint64_t own = 0;
  int children = 0;
  for (; monotonic_ns() < end; ++children) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(10); /* a child that waits for ever dies of it */
      for (int i = 0; i < 1000; ++i) scope();
      new_sites(10000 + children, 3);
      SGPERF_PHASE_BEGIN("child");
      SGPERF_PHASE_END("child");
      if (children % 2) exit(0);
      _exit(0);
    }
    for (int i = 0; i < 1000; ++i, ++own) scope();
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
      fprintf(stderr, "child %d: status %d\n", children, status);
      return 5;
    }
  }
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
  printf("children %d scopes %llu\n", children, (unsigned long long)(own + finished[0] + finished[1]));
  return 0;
}

static volatile sig_atomic_t handled;
static void handler(int number) {
  (void)number;
  const int error = errno;
  SGPERF_SCOPE("race::handler");
  {
    SGPERF_SCOPE("race::handler_inner");
    SGPERF_COUNT("race::handled", 1);
  }
  if (handled < 400) new_sites(20000 + (int)handled, 1);
  handled = handled + 1;
  errno = error;
}

static int signals(uint64_t end) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  const struct itimerval often = {{0, 50}, {0, 50}}, never = {{0, 0}, {0, 0}};
  if (sigaction(SIGALRM, &action, NULL) != 0 || setitimer(ITIMER_REAL, &often, NULL) != 0) return 3;
  uint64_t scopes = 0, made = 0;
  while (monotonic_ns() < end) {
    SGPERF_SCOPE("race::outer");
    for (int i = 0; i < 100; ++i, ++scopes) scope();
    if (made < 400) new_sites((int)made++, 1);
    sgperf_enable("race::nothing", 0);
  }
  setitimer(ITIMER_REAL, &never, NULL);
  busy_ns(2000000);
  printf("scopes %llu handled %ld\n", (unsigned long long)scopes, (long)handled);
  return 0;
}

#define ALLOW(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static int ready, go, started;
static void *first_scopes(void *unused) {
  (void)unused;
  __atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
  while (!__atomic_load_n(&go, __ATOMIC_ACQUIRE)) {
  }
  scope(); /* attaches this thread */
  SGPERF_SCOPE("race::second");
  __atomic_store_n(&started, 1, __ATOMIC_RELEASE);
  for (;;) scope();
  return NULL;
}

static int filter(uint64_t wait_ns) {
  static struct sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      ALLOW(SYS_write),
      ALLOW(SYS_exit_group),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
  static struct sock_fprog program = {sizeof rules / sizeof rules[0], rules};
  scope();
  pthread_t thread;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || pthread_create(&thread, NULL, first_scopes, NULL) != 0) return 3;
  while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE)) {
  }
  __atomic_store_n(&go, 1, __ATOMIC_RELEASE);
  for (const uint64_t until = monotonic_ns() + wait_ns; wait_ns && monotonic_ns() < until;) {
  }
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0) return 4;
  while (!__atomic_load_n(&started, __ATOMIC_ACQUIRE)) {
  }
  for (int i = 0; i < 1000; ++i) scope();
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  const uint64_t ns = (uint64_t)atoi(argv[2]) * 1000000u, end = monotonic_ns() + ns;
  if (!strcmp(argv[1], "unload") && argc == 4) return unload(end, argv[3]);
  if (!strcmp(argv[1], "fork")) return forks(end);
  if (!strcmp(argv[1], "signal")) return signals(end);
  if (!strcmp(argv[1], "filter")) return filter((uint64_t)atoi(argv[2]) * 500u);
  return 2;
}
