/* SPDX-License-Identifier: Apache-2.0 */
/* Linked against libsgperf alone, without libc, -DCALL=one of these: must fail, the hooks of the library are nobody's
 * definition. */
long syscall(long number, ...);
int prctl(int option, ...);
long writev(int fd, const void *v, int count);
int clock_nanosleep(int clock, int flags, const void *time, void *left);
int main(void) {
  return (int)CALL;
}
