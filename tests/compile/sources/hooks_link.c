/* SPDX-License-Identifier: Apache-2.0 */
/* Linked against libsgperf alone, without libc: must fail, the hooks of the library are nobody's definition. */
long syscall(long number, ...);
int prctl(int option, ...);
int main(void) {
  return (int)syscall(39) + prctl(0);
}
