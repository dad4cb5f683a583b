/* SPDX-License-Identifier: Apache-2.0 */
/* filtered HOW: scopes, then a seccomp mode that kills, then known sites, new sites, a counter, a phase, JIT records
 * and the end. strict          prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT), ends with the exit system call prctl a
 * filter that allows write, exit, exit_group, rt_sigreturn and kills for anything else, by prctl() syscall         the
 * same filter, by syscall(SYS_seccomp, ..) thread          the same, by syscall(), for all threads (TSYNC) while a
 * second thread runs scopes Prints with write(), since stdio may make other calls. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <sgperf/sgperf.h>

#define ALLOW(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static struct sock_filter rules[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    ALLOW(SYS_write),
    ALLOW(SYS_exit),
    ALLOW(SYS_exit_group),
    ALLOW(SYS_rt_sigreturn),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
};
static struct sock_fprog program = {sizeof rules / sizeof rules[0], rules};

static void say(const char *text) {
  if (write(1, text, strlen(text)) < 0) _exit(9);
}

static void known(int n) {
  for (int i = 0; i < n; ++i) {
    SGPERF_SCOPE("filter::known");
  }
}

static int second_ready, filtered, second_done;
static void *second(void *unused) {
  (void)unused;
  known(10);
  __atomic_store_n(&second_ready, 1, __ATOMIC_RELEASE);
  while (!__atomic_load_n(&filtered, __ATOMIC_ACQUIRE)) known(1);
  { SGPERF_SCOPE("filter::second_new"); }
  __atomic_store_n(&second_done, 1, __ATOMIC_RELEASE);
  for (;;) known(1); /* no call that a filter could stop: exit_group ends it */
  return NULL;
}

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  known(100);
  if (!strcmp(how, "thread")) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, second, NULL) != 0) return 5;
    while (!__atomic_load_n(&second_ready, __ATOMIC_ACQUIRE)) { /* a starting thread makes calls */
    }
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 3;
  say("before\n");
  int error = -1;
  if (!strcmp(how, "strict"))
    error = prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
  else if (!strcmp(how, "prctl"))
    error = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
  else if (!strcmp(how, "syscall"))
    error = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
  else if (!strcmp(how, "thread"))
    error = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
  if (error != 0) return 4;
  known(100);
  {
    SGPERF_SCOPE("filter::new");
    SGPERF_COUNT("filter::new_counter", 1);
  }
  { SGPERF_SCOPE("filter::new2"); }
  SGPERF_PHASE_BEGIN("filtered");
  SGPERF_PHASE_END("filtered");
  SGPERF_JIT_LOAD("filter::code", (void *)(uintptr_t)known, 16);
  SGPERF_THREAD_NAME("filtered");
  sgperf_enable("filter::new", 0);
  if (!strcmp(how, "thread")) {
    __atomic_store_n(&filtered, 1, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&second_done, __ATOMIC_ACQUIRE)) {
    }
  }
  say("after\n");
  if (!strcmp(how, "strict")) syscall(SYS_exit, 7);
  return 7; /* exit handlers, then exit_group */
}
