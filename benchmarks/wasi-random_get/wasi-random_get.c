// SPDX-License-Identifier: Apache-2.0
// random_get of 16 bytes; natively getrandom.
#include "wasi_calls.h"

static int call(void) {
  uint8_t bytes[16];
  bench_black_box(bytes);
#ifdef __wasm__
  int good = __wasi_random_get(bytes, sizeof bytes) == 0;
#else
  int good = getrandom(bytes, sizeof bytes, 0) == sizeof bytes;
#endif
  bench_black_box(bytes);
  return good;
}

int main(void) {
  BENCH_CALLS(call());
}
