/* SPDX-License-Identifier: Apache-2.0 */
/* engine_host MODE: a host that is linked with the engine that does nothing (fake_engine.c).
 *
 *     calls N        N calls from main, then a module, then N calls again
 *     nested         a call inside a call, a module inside a call
 *     jumps          calls that are left by longjmp()
 *     threads N      8 threads with N calls each
 *     same N         the same module N times
 *     own            phases of its own around everything
 *     exits N        exit(3) inside the last of N calls
 *     fork           the child makes a module and calls
 *     time N         ns per call, of N */
#include "sgperf/sgperf.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct byte_vec {
  size_t size;
  const uint8_t *data;
};
extern void *wasm_module_new(void *store, const struct byte_vec *binary);
extern void *wasm_func_call(const void *function, const void *arguments, void *results);

static uint64_t done;
static jmp_buf back;
typedef void *guest(const void *, void *);

static void call(guest *function) {
  wasm_func_call((const void *)(uintptr_t)function, NULL, NULL);
}
static void *module(uint8_t number) {
  const uint8_t bytes[] = {0, 'a', 's', 'm', 1, 0, 0, 0, 0, 2, 1, number}; /* a custom section */
  const struct byte_vec binary = {sizeof bytes, bytes};
  return wasm_module_new(NULL, &binary);
}
static void *count(const void *arguments, void *results) {
  (void)arguments, (void)results;
  __atomic_fetch_add(&done, 1, __ATOMIC_RELAXED);
  return NULL;
}
static void *nest(const void *arguments, void *results) {
  call(count);
  module(7);
  call(count);
  return count(arguments, results);
}
static void *jump(const void *arguments, void *results) {
  count(arguments, results);
  longjmp(back, 1);
}
static void *leave(const void *arguments, void *results) {
  (void)arguments, (void)results;
  exit(3);
}
static void *thread(void *n) {
  for (uint64_t i = 0; i < (uint64_t)(uintptr_t)n; i++) call(count);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  const char *mode = argv[1];
  const uint64_t n = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
  if (strcmp(mode, "calls") == 0) {
    for (uint64_t i = 0; i < n; i++) call(count);
    module(1);
    for (uint64_t i = 0; i < n; i++) call(count);
  } else if (strcmp(mode, "nested") == 0) {
    call(nest);
  } else if (strcmp(mode, "jumps") == 0) {
    for (volatile uint64_t i = 0; i < n; i++)
      if (!setjmp(back)) call(jump);
    module(1);
    call(count);
  } else if (strcmp(mode, "threads") == 0) {
    pthread_t threads[8];
    for (int i = 0; i < 8; i++) pthread_create(&threads[i], NULL, thread, (void *)(uintptr_t)n);
    for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
  } else if (strcmp(mode, "same") == 0) {
    for (uint64_t i = 0; i < n; i++) module(1);
    module(2);
  } else if (strcmp(mode, "own") == 0) {
    sgperf_phase_begin("compile", 1);
    module(1);
    sgperf_phase_end("compile", 1);
    call(count);
  } else if (strcmp(mode, "exits") == 0) {
    for (uint64_t i = 1; i < n; i++) call(count);
    call(leave);
  } else if (strcmp(mode, "fork") == 0) {
    call(count);
    const pid_t child = fork();
    module(child ? 1 : 2);
    call(count);
    if (child == 0) _exit(done == 2 ? 0 : 1);
    int status = 1;
    waitpid(child, &status, 0);
    if (status) return 4;
  } else if (strcmp(mode, "time") == 0) {
    for (int i = 0; i < 1000; i++) call(NULL);
    double best = 1e9;
    for (int round = 0; round < 5; round++) {
      struct timespec a, b;
      clock_gettime(CLOCK_MONOTONIC, &a);
      for (uint64_t i = 0; i < n; i++) call(NULL);
      clock_gettime(CLOCK_MONOTONIC, &b);
      const double ns = ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / (double)n;
      if (ns < best) best = ns;
    }
    printf("%.2f\n", best);
    return 0;
  } else {
    return 2;
  }
  printf("done %llu\n", (unsigned long long)done);
  return 0;
}
