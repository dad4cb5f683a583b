/* SPDX-License-Identifier: Apache-2.0 */
/* host_seccomp MODE [syscall|inline]: a program that locks itself in, prints and ends.  No word of sgperf.
 * strict: read, write, exit, sigreturn are left.  errno, kill: write and exit_group are, anything else fails with EPERM
 * or ends the program.  forbidden: as kill, and does it.  The third word says how the filter is installed; the default
 * is prctl(). */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALLOW(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static long straight(long number, long a, long b, long c) {
  long rc;
  __asm__ volatile("syscall" : "=a"(rc) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return rc;
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "", *how = argc > 2 ? argv[2] : "";
  const int strict = strcmp(mode, "strict") == 0, fails = strcmp(mode, "errno") == 0;
  struct sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      ALLOW(SYS_write),
      ALLOW(SYS_exit_group),
      BPF_STMT(BPF_RET | BPF_K, fails ? SECCOMP_RET_ERRNO | 1 : SECCOMP_RET_KILL_PROCESS),
  };
  struct sock_fprog program = {sizeof rules / sizeof rules[0], rules};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 2;
  long rc;
  if (strict)
    rc = prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
  else if (strcmp(how, "syscall") == 0)
    rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
  else if (strcmp(how, "inline") == 0)
    rc = straight(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, (long)&program);
  else
    rc = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
  if (rc != 0) return 3;
  static const char text[] = "inside\n";
  if (write(1, text, sizeof text - 1) < 0) return 4;
  if (strcmp(mode, "forbidden") == 0) getppid();
  if (fails && getppid() != -1) return 5;
  if (strict) straight(SYS_exit, 6, 0, 0);
  return 7;
}
