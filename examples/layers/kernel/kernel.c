/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "kernel.h"

#include <sgperf/sgperf.h>

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A shared object of its own: it finds the runtime by itself, and keeps its own pointer to the thread's slots. */
__attribute__((visibility("default"))) int kernel_close(int fd) {
  SGPERF_SCOPE("kernel::close");
  return syscall(SYS_close, fd) == 0 ? 0 : -errno;
}
