/* SPDX-License-Identifier: Apache-2.0 */
/* The guest: a loop of system calls. Each call leaves the sandbox through the one import. */

__attribute__((import_module("env"), import_name("syscall"))) int env_syscall(int number, int a, int b, int c);

/* Makes `calls` system calls, `number` and `other` in turn, and returns what the last one returned. */
__attribute__((export_name("run"))) int run(int calls, int number, int other, int argument) {
  int result = 0;
  for (int i = 0; i < calls; i++) result = env_syscall(i & 1 ? other : number, argument, 0, 0);
  return result;
}
