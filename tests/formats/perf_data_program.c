/* SPDX-License-Identifier: Apache-2.0 */
/* Something to be sampled: two threads, three functions with a known shape, a fork. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile unsigned long sum;

__attribute__((noinline)) void leaf_sum(unsigned long n) {
  for (unsigned long i = 0; i < n; ++i) sum += i * i;
}

__attribute__((noinline)) void middle_sum(unsigned long n) {
  leaf_sum(n);
  sum++;
  leaf_sum(n / 2);
  sum++;
}

__attribute__((noinline)) void other_xor(unsigned long n) {
  for (unsigned long i = 0; i < n; ++i) sum ^= i;
}

static void *work(void *argument) {
  for (int i = 0, n = *(const int *)argument; i < n; ++i) {
    middle_sum(1000000);
    other_xor(700000);
  }
  return argument;
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 60;
  pthread_t thread;
  if (pthread_create(&thread, 0, work, &rounds)) return 1;
  work(&rounds);
  pthread_join(thread, 0);
  const pid_t child = fork();
  if (child == 0) {
    leaf_sum(2000000);
    _exit(0);
  }
  int status;
  return child < 0 || waitpid(child, &status, 0) != child;
}
