/* SPDX-License-Identifier: Apache-2.0 */
/* forks BEFORE PARENT CHILD [thread]: BEFORE scopes, fork, PARENT scopes in the parent while the child does CHILD of
 * the same site and one of its own, both at the same time.  With `thread` all of it happens on a second thread. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sgperf/sgperf.h>

static long before, in_parent, in_child;
static int code = 1;

static void scopes(long n) {
  for (long i = 0; i < n; ++i) {
    SGPERF_SCOPE("fork::work");
  }
}

static void *child_thread(void *unused) {
  (void)unused;
  SGPERF_SCOPE("fork::child_thread");
  return NULL;
}

static void *body(void *unused) {
  (void)unused;
  scopes(before);
  int status = 0;
  SGPERF_SCOPE("fork::open_over_fork");
  const pid_t child = fork();
  if (child == 0) {
    scopes(in_child);
    {
      SGPERF_SCOPE("fork::only_child");
      pthread_t thread;
      if (pthread_create(&thread, NULL, child_thread, NULL) == 0) pthread_join(thread, NULL);
    }
    exit(0); /* with the exit handlers, as most children do */
  }
  scopes(in_parent);
  if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status)) code = WEXITSTATUS(status);
  printf("child %d\n", (int)child);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  before = atol(argv[1]);
  in_parent = atol(argv[2]);
  in_child = atol(argv[3]);
  if (argc > 4 && !strcmp(argv[4], "thread")) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, NULL) != 0) return 3;
    pthread_join(thread, NULL);
  } else
    body(NULL);
  return code;
}
