/* SPDX-License-Identifier: Apache-2.0 */
/* host_start: what a program finds at its start: arguments, descriptors, limits, mask, time slack, name.  No word of
 * sgperf. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv) {
  printf("errno %d\n", errno);
  for (int i = 0; i < argc; i++) printf("argument %d has %d bytes\n", i, argv[i] ? (int)(argv[i][0] != 0) : -1);
  for (int fd = 0; fd < 1024; fd++)
    if (fcntl(fd, F_GETFD) >= 0) printf("descriptor %d flags %d\n", fd, fcntl(fd, F_GETFD));
  for (int i = 0; i < RLIM_NLIMITS; i++) {
    struct rlimit limit;
    if (getrlimit(i, &limit) == 0)
      printf("limit %d %ju %ju\n", i, (uintmax_t)limit.rlim_cur, (uintmax_t)limit.rlim_max);
  }
  char name[17] = "";
  prctl(PR_GET_NAME, name);
  printf("name %s dumpable %d slack %d keepcaps %d\n", name, prctl(PR_GET_DUMPABLE), prctl(PR_GET_TIMERSLACK),
         prctl(PR_GET_KEEPCAPS));
  printf("umask %o group %d\n", (unsigned)umask(0), getpgrp() == getpid());
  return 0;
}
