// SPDX-License-Identifier: Apache-2.0
// path_open of a file beside the module, for reading, and fd_close of it: two calls, counted as one; natively openat
// and close.  The module's directory is descriptor 3, the first preopened one.
#include "wasi_calls.h"

static const char name[] = "wasi-path_open.input";

static int call(void) {
#ifdef __wasm__
  __wasi_fd_t fd = 0;
  if (__wasi_path_open(3, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, name, 0, __WASI_RIGHTS_FD_READ, 0, 0, &fd) != 0) return 0;
  return __wasi_fd_close(fd) == 0;
#else
  int fd = openat(AT_FDCWD, name, O_RDONLY | O_CLOEXEC);
  return fd >= 0 && close(fd) == 0;
#endif
}

int main(void) {
  BENCH_CALLS(call());
}
