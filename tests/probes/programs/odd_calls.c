/* SPDX-License-Identifier: Apache-2.0 */
/* odd_calls: system calls that fail, move bytes, wait, never return, are interrupted or do not exist; as many as
 * test_syscalls.cc expects. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static void on_alarm(int number) {
  (void)number;
}

int main(void) {
  static char buffer[4096];
  for (int i = 0; i < 7; i++) syscall(SYS_dup, -1);                      /* EBADF */
  for (int i = 0; i < 5; i++) syscall(SYS_chdir, "/nonexistent-folder"); /* ENOENT */
  for (int i = 0; i < 3; i++) syscall(SYS_chdir, (char *)8);             /* EFAULT */
  const int zero = open("/dev/zero", O_RDWR);
  if (zero < 0) return 1;
  for (int i = 0; i < 10; i++)
    if (preadv(zero, &(struct iovec){buffer, 1000}, 1, 0) != 1000) return 1;
  for (int i = 0; i < 4; i++)
    if (pwrite(zero, buffer, 333, 0) != 333) return 1;
  const struct iovec parts[2] = {{buffer, 100}, {buffer + 200, 11}};
  if (writev(zero, parts, 2) != 111) return 1;
  const struct timespec nap = {0, 30 * 1000 * 1000};
  for (int i = 0; i < 2; i++) clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_alarm;
  sigaction(SIGALRM, &action, NULL);
  const struct itimerval soon = {{0, 0}, {0, 10 * 1000}};
  setitimer(ITIMER_REAL, &soon, NULL);
  if (pause() != -1 || errno != EINTR) return 1; /* the return from the handler is a call too */
  for (int i = 0; i < 6; i++) syscall(100000);   /* ENOSYS */
  syscall(SYS_exit_group, 42);
  return 0;
}
