/* SPDX-License-Identifier: Apache-2.0 */
/* close_all: what daemons do at start: prints the descriptors that are open, closes all but 1, opens two files and
 * prints the numbers they got.  No word of sgperf: for the preload. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  for (int fd = 3; fd < 1024; ++fd)
    if (fcntl(fd, F_GETFD) >= 0) printf("open %d\n", fd);
  close(0);
  for (int fd = 2; fd < 1024; ++fd) close(fd);
  const int first = open("/dev/null", O_RDONLY), second = open("/dev/null", O_RDONLY);
  printf("first %d second %d\n", first, second);
  return first == 0 && second == 2 ? 42 : 1;
}
