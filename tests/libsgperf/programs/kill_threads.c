/* SPDX-License-Identifier: Apache-2.0 */
/* kill_threads FILE N: N threads open and close "kill::work" until they are killed.  Each publishes how many it has
 * finished in FILE, one 64-byte line a thread, mapped and shared: what the test compares the session with. */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sgperf/sgperf.h>

static volatile uint64_t *lines;

static void *work(void *index) {
  volatile uint64_t *finished = lines + (uintptr_t)index * 8;
  for (uint64_t n = 1;; ++n) {
    {
      SGPERF_SCOPE("kill::work");
      SGPERF_COUNT("kill::bytes", 3);
    }
    *finished = n;
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const int threads = atoi(argv[2]);
  const int fd = open(argv[1], O_RDWR);
  if (fd < 0 || ftruncate(fd, 4096) != 0) return 3;
  lines = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (lines == MAP_FAILED) return 3;
  for (intptr_t i = 0; i < threads; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, (void *)i) != 0) return 4;
  }
  pause();
  return 0;
}
