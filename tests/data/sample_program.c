/* SPDX-License-Identifier: Apache-2.0 */
/* The program behind the sample sessions: nested scopes in two modules, a counter, a gauge, a histogram, phases, a
 * second thread, and a function reported as JIT code.  sample_program [CALLS [SECONDS TO LIVE ON [EXIT CODE]]] */
#include "sgperf/sgperf.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int calls = 1000;

static void kernel_close(void) {
  SGPERF_SCOPE("kernel::close");
  close(-1);
}

static void make_syscall(void) {
  SGPERF_SCOPE("threei::make_syscall");
  kernel_close();
  SGPERF_COUNT("threei::calls", 1);
  SGPERF_GAUGE_MAX("threei::deepest", 7);
}

static void *guest(void *unused) {
  for (int i = 0; i < calls; i++) make_syscall();
  return unused;
}

int main(int argc, char **argv) {
  if (argc > 1) calls = atoi(argv[1]);
  static const unsigned char code[] = {0x31, 0xc0, 0xc3}; /* xor eax, eax; ret */
  SGPERF_JIT_LOAD("wasm[0]::function[1]::zero", code, sizeof code);
  SGPERF_PHASE_BEGIN("execute");
  pthread_t thread;
  if (pthread_create(&thread, NULL, guest, NULL) != 0) return 1;
  guest(NULL);
  pthread_join(thread, NULL);
  SGPERF_PHASE_END("execute");
  puts("done");
  fflush(stdout);
  if (argc > 2) sleep((unsigned)atoi(argv[2]));
  return argc > 3 ? atoi(argv[3]) : 0;
}
