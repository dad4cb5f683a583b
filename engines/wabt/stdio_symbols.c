/* SPDX-License-Identifier: Apache-2.0 */
/* Debian's libwabt.a is built for executables: it addresses `stdin`, `stdout` and `stderr` directly, which a shared
 * object may only do with symbols of its own.  So this plug-in has its own three, hidden, filled from libc's when it is
 * loaded. */
#include <dlfcn.h>

__attribute__((visibility("hidden"))) void *sgperf_wabt_stdin __asm__("stdin");
__attribute__((visibility("hidden"))) void *sgperf_wabt_stdout __asm__("stdout");
__attribute__((visibility("hidden"))) void *sgperf_wabt_stderr __asm__("stderr");

static void *libc_stream(const char *name) {
  void **symbol = dlsym(RTLD_DEFAULT, name);
  return symbol ? *symbol : 0;
}

__attribute__((constructor(101))) static void fill(void) {
  sgperf_wabt_stdin = libc_stream("stdin");
  sgperf_wabt_stdout = libc_stream("stdout");
  sgperf_wabt_stderr = libc_stream("stderr");
}
