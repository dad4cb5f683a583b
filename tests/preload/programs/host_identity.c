/* SPDX-License-Identifier: Apache-2.0 */
/* host_identity: changes root and user, then works and ends there.  As root.  No word of sgperf. */
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
  if (mkdir("jail", 0777) != 0 || chmod("jail", 0777) != 0) return 1;
  if (chroot("jail") != 0 || chdir("/") != 0) return 2;
  if (setgroups(0, NULL) != 0 || setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0) return 3;
  const int fd = open("/made", O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (fd < 0 || write(fd, "text", 4) != 4) return 4;
  pid_t pid = fork();
  if (pid == 0) return 0;
  printf("user %d group %d root closed %d\n", (int)getuid(), (int)getegid(), access("/bin", F_OK) != 0);
  return 5;
}
