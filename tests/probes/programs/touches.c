/* SPDX-License-Identifier: Apache-2.0 */
/* touches PAGES: writes to each of PAGES fresh pages in the scope "touches::write", and lets the kernel fill as many in
 * the scope "touches::read" (read of /dev/zero). */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sgperf/sgperf.h>

static char *fresh(size_t bytes) {
  char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) exit(1);
  madvise(at, bytes, MADV_NOHUGEPAGE);
  return at;
}

int main(int argc, char **argv) {
  const size_t pages = argc > 1 ? (size_t)atol(argv[1]) : 100;
  char *written = fresh(pages * 4096), *read_into = fresh(pages * 4096);
  const int zero = open("/dev/zero", O_RDONLY);
  {
    SGPERF_SCOPE("touches::write");
    for (size_t i = 0; i < pages; i++) ((volatile char *)written)[i * 4096] = 1;
  }
  {
    SGPERF_SCOPE("touches::read");
    for (size_t done = 0; done < pages * 4096;) {
      const ssize_t n = read(zero, read_into + done, pages * 4096 - done);
      if (n <= 0) return 1;
      done += (size_t)n;
    }
  }
  return 0;
}
