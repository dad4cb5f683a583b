/* SPDX-License-Identifier: Apache-2.0 */
/* Puts SGPERF_PARENT=<key> into the environment of the program that the user started, so that those it starts in turn
 * know whose they are.
 *
 * At our own start that cannot be done: libc sets `environ` afterwards, and the array on the stack has no room.  So it
 * is done by a hook of __libc_start_main, the first thing a program calls: by then libc is ready, and neither main nor
 * a constructor of the program has run.  The variables that were there keep their places in memory.  Hidden versions,
 * as in frame_hooks.c; a program whose start is not libc's just has no mark, and its children count as started by the
 * user. */
#include "libsgperf/kernel.h"
#include "libsgperf/runtime.h"

#if defined(__x86_64__)
#include <string.h>

extern char **environ;
#pragma weak environ

static void mark_environment(void) {
  enum { FEW = 254 };
  static char *few[FEW + 2];
  const char *marker = sgp_session_marker();
  if (!marker || !&environ || !environ) return;
  size_t count = 0;
  for (; environ[count]; count++)
    if (strncmp(environ[count], SGP_PARENT_VARIABLE, sizeof SGP_PARENT_VARIABLE - 1) == 0) {
      environ[count] = (char *)(uintptr_t)marker;
      return;
    }
  char **all = few;
  if (count > FEW) {
    all = sgp_mmap(NULL, (count + 2) * sizeof *all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    if (all == MAP_FAILED) return;
  }
  memcpy(all, environ, count * sizeof *all);
  all[count] = (char *)(uintptr_t)marker;
  environ = all;
}

/* Returns the function behind ours. */
void *sgp_before_main(int old_version);
void *sgp_before_main(int old_version) {
  const int saved_errno = errno;
  mark_environment();
  errno = saved_errno;
  return sgp_libc("__libc_start_main", old_version ? "GLIBC_2.2.5" : "GLIBC_2.34");
}

/* All arguments are passed on, and the return address. */
#define START_MAIN(name, version, old_version)                                                                         \
  __asm__(".pushsection .text\n"                                                                                       \
          ".globl " name "\n"                                                                                          \
          ".type " name ", @function\n" name ":\n"                                                                     \
          "  .cfi_startproc\n"                                                                                         \
          "  endbr64\n"                                                                                                \
          "  pushq %rdi\n  pushq %rsi\n  pushq %rdx\n  pushq %rcx\n  pushq %r8\n  pushq %r9\n  pushq %rax\n"           \
          "  .cfi_adjust_cfa_offset 56\n"                                                                              \
          "  movl $" old_version ", %edi\n"                                                                            \
          "  call sgp_before_main\n"                                                                                   \
          "  movq %rax, %r11\n"                                                                                        \
          "  popq %rax\n  popq %r9\n  popq %r8\n  popq %rcx\n  popq %rdx\n  popq %rsi\n  popq %rdi\n"                  \
          "  .cfi_adjust_cfa_offset -56\n"                                                                             \
          "  jmp *%r11\n"                                                                                              \
          "  .cfi_endproc\n"                                                                                           \
          ".size " name ", . - " name "\n"                                                                             \
          ".symver " name ",__libc_start_main@" version "\n"                                                           \
          ".popsection\n")
START_MAIN("sgp_hook_start_main", "GLIBC_2.34", "0");
START_MAIN("sgp_hook_start_main_old", "GLIBC_2.2.5", "1");
#endif
