// SPDX-License-Identifier: Apache-2.0
// fd_close(-1), answered with badf: the way through guest, engine, WASI implementation and (where that asks it) kernel,
// with nothing done at the end.
#include "wasi_calls.h"

static int call(void) {
#ifdef __wasm__
  return __wasi_fd_close(-1) == __WASI_ERRNO_BADF;
#else
  return close(-1) == -1 && errno == EBADF;
#endif
}

int main(void) {
  BENCH_CALLS(call());
}
