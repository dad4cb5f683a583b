/* SPDX-License-Identifier: Apache-2.0 */
/* bench-linked's guest: some milliseconds of one thing.
 *
 *     fib N      calls and returns in the guest
 *     calls N    N calls of the host: fd_close(-1) */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

__attribute__((noinline)) static uint32_t fib(uint32_t n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const uint32_t n = (uint32_t)atoi(argv[2]);
  if (strcmp(argv[1], "fib") == 0) return fib(n) ? 0 : 3;
  uint32_t failed = 0;
  for (uint32_t i = 0; i < n; i++) failed += __wasi_fd_close((__wasi_fd_t)-1) != 0;
  return failed == n ? 0 : 3;
}
