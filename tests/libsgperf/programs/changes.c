/* SPDX-License-Identifier: Apache-2.0 */
/* changes DIR UID: scopes before, chroot to DIR, change of user to UID, then known sites, new sites, a new thread,
 * phases and JIT records. */
#include <grp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sgperf/sgperf.h>

static void known(int n) {
  for (int i = 0; i < n; ++i) {
    SGPERF_SCOPE("change::known");
  }
}

static void *thread_body(void *unused) {
  (void)unused;
  known(5);
  SGPERF_SCOPE("change::new_thread");
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  known(100);
  if (chdir(argv[1]) != 0 || chroot(argv[1]) != 0) {
    perror("chroot");
    return 3;
  }
  const uid_t uid = (uid_t)atoi(argv[2]);
  if (setgroups(0, NULL) != 0 || setgid(uid) != 0 || setuid(uid) != 0) {
    perror("setuid");
    return 4;
  }
  known(100);
  { SGPERF_SCOPE("change::new"); }
  SGPERF_PHASE_BEGIN("changed");
  pthread_t thread;
  if (pthread_create(&thread, NULL, thread_body, NULL) != 0) return 5;
  pthread_join(thread, NULL);
  SGPERF_PHASE_END("changed");
  SGPERF_JIT_LOAD("change::code", (void *)(uintptr_t)known, 16);
  printf("changed\n");
  return 0;
}
