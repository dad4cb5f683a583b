/* SPDX-License-Identifier: Apache-2.0 */
/* family CHILDREN: forks CHILDREN times.  Child n exits with code n % 200; every fourth makes a child of its own that
 * makes three getppid calls and exits with 7; every tenth raises SIGKILL instead of exiting.  Each makes one getppid
 * call.  Last, runs itself once more by exec in a child: "family exec", which exits with 11. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  if (strcmp(argv[1], "exec") == 0) return 11;
  const int children = atoi(argv[1]);
  for (int n = 0; n < children; n++) {
    const pid_t child = fork();
    if (child < 0) return 1;
    if (child == 0) {
      syscall(SYS_getppid);
      if (n % 4 == 0) {
        const pid_t grandchild = fork();
        if (grandchild == 0) {
          for (int i = 0; i < 3; i++) syscall(SYS_getppid);
          _exit(7);
        }
        waitpid(grandchild, NULL, 0);
      }
      if (n % 10 == 9) raise(SIGKILL);
      _exit(n % 200);
    }
    waitpid(child, NULL, 0);
  }
  const pid_t last = fork();
  if (last == 0) {
    execl("/proc/self/exe", argv[0], "exec", (char *)NULL);
    _exit(1);
  }
  waitpid(last, NULL, 0);
  return 0;
}
