/* SPDX-License-Identifier: Apache-2.0 */
/* jits N: registers N pieces of code, unregisters the first half, and then makes mistakes; prints what the calls
 * returned. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sgperf/sgperf.h>

int main(int argc, char **argv) {
  const int n = argc > 1 ? atoi(argv[1]) : 10;
  static unsigned char code[64];
  int failed = 0;
  for (int i = 0; i < n; ++i) {
    char name[64];
    snprintf(name, sizeof name, "jit::function_%d", i);
    memset(code, i, sizeof code);
    struct sgperf_jit_opts opts = SGPERF_JIT_OPTS_INIT;
    opts.name = name;
    opts.addr = (void *)(uintptr_t)(0x10000000u + (unsigned)i * 0x100u);
    opts.size = sizeof code;
    opts.code = code;
    if (i % 3 == 2) opts.flags = SGPERF_JIT_NO_BYTES;
    failed += sgperf_jit_register(&opts) != 0;
  }
  for (int i = 0; i < n / 2; ++i)
    failed += sgperf_jit_unregister((void *)(uintptr_t)(0x10000000u + (unsigned)i * 0x100u)) != 0;
  printf("failed %d\n", failed);
  SGPERF_JIT_LOAD("jit::macro", code, sizeof code);
  SGPERF_JIT_UNLOAD(code);

  printf("null %d\n", sgperf_jit_register(NULL));
  struct sgperf_jit_opts nameless = SGPERF_JIT_OPTS_INIT;
  nameless.addr = code;
  nameless.size = 16;
  printf("no_name %d\n", sgperf_jit_register(&nameless));
  struct {
    struct sgperf_jit_opts opts;
    uint64_t unknown;
  } newer = {SGPERF_JIT_OPTS_INIT, 1};
  newer.opts.sz = sizeof newer;
  newer.opts.name = "jit::newer";
  newer.opts.addr = code;
  newer.opts.size = 16;
  printf("newer %d\n", sgperf_jit_register(&newer.opts));
  newer.unknown = 0;
  printf("newer_zero %d\n", sgperf_jit_register(&newer.opts));
  return 0;
}
