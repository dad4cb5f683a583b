/* SPDX-License-Identifier: Apache-2.0 */
/* kernel.h - system calls without libc's functions of those names.
 *
 * A name of libc belongs to the host: a program that defines `open` or `mmap` itself (a sanitizer linked into it, an
 * allocator, a tracer) is called for ours too, and at our start, before its own constructors, it need not be ready
 * (ThreadSanitizer of clang: a call of address 0).  The numbers are those that glibc uses, so that a filter which let
 * the loader through lets us through.  Each sets errno and returns -1 as libc's does. */
#ifndef SGPERF_KERNEL_H
#define SGPERF_KERNEL_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

static inline long sgp_kernel(long number, long a, long b, long c, long d, long e, long f) {
#if defined(__x86_64__)
  long rc;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(rc)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  if (rc >= -4095 && rc < 0) {
    errno = (int)-rc;
    return -1;
  }
  return rc;
#else
  return syscall(number, a, b, c, d, e, f);
#endif
}

static inline int sgp_open(const char *path, int flags, mode_t mode) {
  return (int)sgp_kernel(SYS_openat, AT_FDCWD, (long)path, flags, (long)mode, 0, 0);
}
static inline int sgp_openat(int folder, const char *path, int flags, mode_t mode) {
  return (int)sgp_kernel(SYS_openat, folder, (long)path, flags, (long)mode, 0, 0);
}
static inline int sgp_close(int fd) {
  return (int)sgp_kernel(SYS_close, fd, 0, 0, 0, 0, 0);
}
static inline ssize_t sgp_read(int fd, void *to, size_t size) {
  return sgp_kernel(SYS_read, fd, (long)to, (long)size, 0, 0, 0);
}
static inline ssize_t sgp_write(int fd, const void *from, size_t size) {
  return sgp_kernel(SYS_write, fd, (long)from, (long)size, 0, 0, 0);
}
static inline ssize_t sgp_writev(int fd, const struct iovec *parts, int count) {
  return sgp_kernel(SYS_writev, fd, (long)parts, count, 0, 0, 0);
}
static inline void *sgp_mmap(void *at, size_t size, int rights, int flags, int fd) {
  return (void *)sgp_kernel(SYS_mmap, (long)at, (long)size, rights, flags, fd, 0); /* -1 = MAP_FAILED */
}
static inline int sgp_munmap(void *at, size_t size) {
  return (int)sgp_kernel(SYS_munmap, (long)at, (long)size, 0, 0, 0, 0);
}
static inline int sgp_madvise(void *at, size_t size, int advice) {
  return (int)sgp_kernel(SYS_madvise, (long)at, (long)size, advice, 0, 0, 0);
}
static inline int sgp_ftruncate(int fd, off_t size) {
  return (int)sgp_kernel(SYS_ftruncate, fd, (long)size, 0, 0, 0, 0);
}
static inline int sgp_fallocate(int fd, off_t size) {
  return (int)sgp_kernel(SYS_fallocate, fd, 0, 0, (long)size, 0, 0);
}
static inline int sgp_fstat(int fd, struct stat *out) {
  return (int)sgp_kernel(SYS_newfstatat, fd, (long)"", (long)out, AT_EMPTY_PATH, 0, 0);
}
static inline int sgp_stat(const char *path, struct stat *out) {
  return (int)sgp_kernel(SYS_newfstatat, AT_FDCWD, (long)path, (long)out, 0, 0, 0);
}
static inline int sgp_statfs(const char *path, struct statfs *out) {
  return (int)sgp_kernel(SYS_statfs, (long)path, (long)out, 0, 0, 0, 0);
}
static inline int sgp_mkdir(const char *path, mode_t mode) {
  return (int)sgp_kernel(SYS_mkdirat, AT_FDCWD, (long)path, (long)mode, 0, 0, 0);
}
static inline int sgp_unlinkat(int folder, const char *path) {
  return (int)sgp_kernel(SYS_unlinkat, folder, (long)path, 0, 0, 0, 0);
}
static inline ssize_t sgp_readlink(const char *path, char *to, size_t size) {
  return sgp_kernel(SYS_readlinkat, AT_FDCWD, (long)path, (long)to, (long)size, 0, 0);
}
static inline int sgp_ioctl(int fd, unsigned long request, void *argument) {
  return (int)sgp_kernel(SYS_ioctl, fd, (long)request, (long)argument, 0, 0, 0);
}
static inline int sgp_fcntl(int fd, int command, long argument) {
  return (int)sgp_kernel(SYS_fcntl, fd, command, argument, 0, 0, 0);
}
static inline int sgp_getpid(void) {
  return (int)sgp_kernel(SYS_getpid, 0, 0, 0, 0, 0, 0);
}
static inline int sgp_getppid(void) {
  return (int)sgp_kernel(SYS_getppid, 0, 0, 0, 0, 0, 0);
}
static inline int sgp_gettid(void) {
  return (int)sgp_kernel(SYS_gettid, 0, 0, 0, 0, 0, 0);
}
static inline uid_t sgp_geteuid(void) {
  return (uid_t)sgp_kernel(SYS_geteuid, 0, 0, 0, 0, 0, 0);
}
static inline int sgp_uname(struct utsname *out) {
  return (int)sgp_kernel(SYS_uname, (long)out, 0, 0, 0, 0, 0);
}
static inline int sgp_sched_yield(void) {
  return (int)sgp_kernel(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
}
static inline int sgp_getrusage(struct rusage *out) {
  return (int)sgp_kernel(SYS_getrusage, RUSAGE_SELF, (long)out, 0, 0, 0, 0);
}
/* The soft limit; UINT64_MAX = none, or not known. */
static inline uint64_t sgp_limit(int resource) {
  struct rlimit limit;
  if (sgp_kernel(SYS_prlimit64, 0, resource, 0, (long)&limit, 0, 0) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return UINT64_MAX;
  return (uint64_t)limit.rlim_cur;
}

#endif
