// SPDX-License-Identifier: Apache-2.0
// fd_read of one byte from a file beside the module, from its start again at its end (one fd_seek in 4096 calls);
// natively readv, as the call takes a vector.
#include "wasi_calls.h"

#include <fcntl.h>
#ifndef __wasm__
#include <sys/uio.h>
#endif

enum { file_size = 4096 };

static int call(int fd, uint32_t i) {
  char byte = 0;
  if (i % file_size == 0) lseek(fd, 0, SEEK_SET);
#ifdef __wasm__
  __wasi_iovec_t vector = {(uint8_t *)&byte, 1};
  __wasi_size_t got = 0;
  return __wasi_fd_read(fd, &vector, 1, &got) == 0 && got == 1 && byte != 0;
#else
  struct iovec vector = {&byte, 1};
  return readv(fd, &vector, 1) == 1 && byte != 0;
#endif
}

static int run(int fd) {
  BENCH_CALLS(call(fd, i));
}

int main(void) {
  int fd = open("wasi-fd_read.input", O_RDONLY);
  int status = run(fd);
  close(fd);
  return status;
}
