/* SPDX-License-Identifier: Apache-2.0 */
/* host_threads: threads with thread-local data, keys and ends of all kinds; also built with sanitizers.  No word of
 * sgperf. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 8 };
static pthread_key_t key;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static __thread int own = 5;
static int destroyed, sum;

static void destroy(void *value) {
  free(value);
  pthread_mutex_lock(&mutex);
  destroyed++;
  pthread_mutex_unlock(&mutex);
}

static void *work(void *number) {
  char *text = malloc(64);
  snprintf(text, 64, "%d", own + *(int *)number);
  pthread_setspecific(key, text);
  pthread_mutex_lock(&mutex);
  sum += atoi(text);
  pthread_mutex_unlock(&mutex);
  if (*(int *)number % 2) pthread_exit(NULL);
  return NULL;
}

int main(void) {
  pthread_t threads[THREADS];
  int numbers[THREADS];
  pthread_key_create(&key, destroy);
  for (int i = 0; i < THREADS; i++) {
    numbers[i] = i;
    if (pthread_create(&threads[i], NULL, work, &numbers[i]) != 0) return 1;
  }
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  pid_t pid = fork();
  if (pid == 0) _exit(0);
  printf("sum %d destroyed %d own %d\n", sum, destroyed, own);
  return 2;
}
