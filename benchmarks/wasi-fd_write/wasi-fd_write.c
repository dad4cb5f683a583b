// SPDX-License-Identifier: Apache-2.0
// fd_write of one byte to standard output; natively writev, as the call takes a vector.
#include "wasi_calls.h"

#ifndef __wasm__
#include <sys/uio.h>
#endif

static int call(uint32_t i) {
  char byte = i % 64 == 63 ? '\n' : '.';
#ifdef __wasm__
  __wasi_ciovec_t vector = {(const uint8_t *)&byte, 1};
  __wasi_size_t written = 0;
  return __wasi_fd_write(1, &vector, 1, &written) == 0 && written == 1;
#else
  struct iovec vector = {&byte, 1};
  return writev(1, &vector, 1) == 1;
#endif
}

int main(void) {
  BENCH_CALLS(call(i));
}
