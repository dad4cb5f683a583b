/* SPDX-License-Identifier: Apache-2.0 */
/* churn THREADS: so many threads one after the other, three getppid calls in each. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *thread_main(void *nothing) {
  for (int i = 0; i < 3; i++) syscall(SYS_getppid);
  return nothing;
}

int main(int argc, char **argv) {
  const long threads = argc > 1 ? atol(argv[1]) : 10;
  for (long i = 0; i < threads; i++) {
    pthread_t id;
    if (pthread_create(&id, NULL, thread_main, NULL) != 0) return 1;
    pthread_join(id, NULL);
  }
  return 0;
}
