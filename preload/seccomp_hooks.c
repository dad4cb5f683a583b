/* SPDX-License-Identifier: Apache-2.0 */
/* prctl and syscall, to learn of a seccomp filter before it is on, and of a forbidden time-stamp counter.
 *
 * Always forwarded.  Both carry libc's own version, hidden (one @): a versioned reference binds to them when this
 * library stands in front of libc, preloaded or linked, but the static linker never takes them for a definition. A
 * filter installed with an inline system call is not seen. */
#include "libsgperf/kernel.h"
#include "libsgperf/runtime.h"

#if defined(__x86_64__)
#include <linux/seccomp.h>
#include <sys/prctl.h>

typedef int prctl_function(int, unsigned long, unsigned long, unsigned long, unsigned long);
typedef long syscall_function(long, long, long, long, long, long, long);

static prctl_function *next_prctl;
__attribute__((used)) static syscall_function *next_syscall; /* used from assembly */

/* What libc's would do, for a load order in which there is none behind us. */
static int straight_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
  return (int)sgp_kernel(SYS_prctl, option, (long)a, (long)b, (long)c, (long)d, 0);
}

static void find(void) {
  *(void **)&next_prctl = sgp_libc("prctl", "GLIBC_2.2.5");
  *(void **)&next_syscall = sgp_libc("syscall", "GLIBC_2.2.5");
  if (!next_prctl) next_prctl = straight_prctl;
  if (!next_syscall) next_syscall = sgp_kernel;
}

/* At start, so that no call of the host ever waits for the loader's lock. */
void sgp_hooks_start(void) {
  find();
}

int sgp_hook_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
__attribute__((visibility("default"))) int sgp_hook_prctl(int option, unsigned long a, unsigned long b, unsigned long c,
                                                          unsigned long d) {
  if (!next_prctl) find();
  if (option == PR_SET_TSC && a == PR_TSC_SIGSEGV) sgp_counter_stops();
  if (option != PR_SET_SECCOMP) {
    int other = next_prctl(option, a, b, c, d);
    if (option == PR_SET_TSC && (a == PR_TSC_ENABLE) == (other == 0)) sgp_counter_goes_on();
    return other;
  }
  sgp_seccomp_coming(a == SECCOMP_MODE_STRICT);
  int rc = next_prctl(option, a, b, c, d);
  if (rc != 0) sgp_seccomp_failed();
  return rc;
}
__asm__(".symver sgp_hook_prctl,prctl@GLIBC_2.2.5");

/* The slow way: the two calls that may install a filter, and the first call before find(). */
__attribute__((used)) static long special_syscall(long number, long a, long b, long c, long d, long e, long f) {
  if (!next_syscall) find();
  bool filter = (number == SYS_seccomp && (a == SECCOMP_SET_MODE_STRICT || a == SECCOMP_SET_MODE_FILTER)) ||
                (number == SYS_prctl && (int)a == PR_SET_SECCOMP);
  if (!filter) return next_syscall(number, a, b, c, d, e, f);
  sgp_seccomp_coming(number == SYS_seccomp ? a == SECCOMP_SET_MODE_STRICT : b == SECCOMP_MODE_STRICT);
  long rc = next_syscall(number, a, b, c, d, e, f);
  if (rc != 0) sgp_seccomp_failed();
  return rc;
}

/* Every other call jumps on with all its arguments and its return address untouched, as if we were not there: some
 * callers (vfork and clone through syscall) depend on the stack. */
__asm__(".pushsection .text\n"
        ".globl sgp_hook_syscall\n"
        ".type sgp_hook_syscall, @function\n"
        "sgp_hook_syscall:\n"
        "  .cfi_startproc\n"
        "  endbr64\n"
        "  cmpq $317, %rdi\n" /* SYS_seccomp */
        "  je 1f\n"
        "  cmpq $157, %rdi\n" /* SYS_prctl */
        "  je 1f\n"
        "  movq next_syscall(%rip), %r11\n"
        "  testq %r11, %r11\n"
        "  je 1f\n"
        "  jmp *%r11\n"
        "1: jmp special_syscall\n"
        "  .cfi_endproc\n"
        ".size sgp_hook_syscall, . - sgp_hook_syscall\n"
        ".symver sgp_hook_syscall,syscall@GLIBC_2.2.5\n"
        ".popsection\n");
SGPERF_I_ASSERT(SYS_seccomp == 317 && SYS_prctl == 157, "numbers in the assembly");
#else
void sgp_hooks_start(void) {}
#endif
