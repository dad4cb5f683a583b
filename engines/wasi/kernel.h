// SPDX-License-Identifier: Apache-2.0
// The third layer: one function a system call, each a scope of its own.  Nothing else in this folder calls the kernel.
#pragma once

#include "sgperf/sgperf.h"

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/openat2.h>

namespace sgperf::wasi::kernel {

inline int close(int fd) {
  SGPERF_SCOPE("kernel::close");
  return ::close(fd);
}
inline ssize_t readv(int fd, const iovec *iov, int count) {
  SGPERF_SCOPE("kernel::readv");
  return ::readv(fd, iov, count);
}
inline ssize_t writev(int fd, const iovec *iov, int count) {
  SGPERF_SCOPE("kernel::writev");
  return ::writev(fd, iov, count);
}
inline ssize_t preadv(int fd, const iovec *iov, int count, off_t offset) {
  SGPERF_SCOPE("kernel::preadv");
  return ::preadv(fd, iov, count, offset);
}
inline ssize_t pwritev(int fd, const iovec *iov, int count, off_t offset) {
  SGPERF_SCOPE("kernel::pwritev");
  return ::pwritev(fd, iov, count, offset);
}
inline off_t lseek(int fd, off_t offset, int whence) {
  SGPERF_SCOPE("kernel::lseek");
  return ::lseek(fd, offset, whence);
}
inline int fsync(int fd) {
  SGPERF_SCOPE("kernel::fsync");
  return ::fsync(fd);
}
inline int fdatasync(int fd) {
  SGPERF_SCOPE("kernel::fdatasync");
  return ::fdatasync(fd);
}
inline int fstat(int fd, struct stat *st) {
  SGPERF_SCOPE("kernel::fstat");
  return ::fstat(fd, st);
}
inline int fstatat(int fd, const char *path, struct stat *st, int flags) {
  SGPERF_SCOPE("kernel::fstatat");
  return ::fstatat(fd, path, st, flags);
}
inline int ftruncate(int fd, off_t size) {
  SGPERF_SCOPE("kernel::ftruncate");
  return ::ftruncate(fd, size);
}
inline int posix_fallocate(int fd, off_t offset, off_t length) { // returns an errno
  SGPERF_SCOPE("kernel::fallocate");
  return ::posix_fallocate(fd, offset, length);
}
inline int posix_fadvise(int fd, off_t offset, off_t length, int advice) { // returns an errno
  SGPERF_SCOPE("kernel::fadvise");
  return ::posix_fadvise(fd, offset, length, advice);
}
inline int futimens(int fd, const timespec *times) {
  SGPERF_SCOPE("kernel::futimens");
  return ::futimens(fd, times);
}
inline int utimensat(int fd, const char *path, const timespec *times, int flags) {
  SGPERF_SCOPE("kernel::utimensat");
  return ::utimensat(fd, path, times, flags);
}
inline int get_flags(int fd) {
  SGPERF_SCOPE("kernel::fcntl");
  return ::fcntl(fd, F_GETFL);
}
inline int set_flags(int fd, int flags) {
  SGPERF_SCOPE("kernel::fcntl");
  return ::fcntl(fd, F_SETFL, flags);
}
inline long getdents64(int fd, void *buffer, size_t size) {
  SGPERF_SCOPE("kernel::getdents64");
  return ::syscall(SYS_getdents64, fd, buffer, size);
}
inline int openat(int fd, const char *path, int flags, mode_t mode = 0) {
  SGPERF_SCOPE("kernel::openat");
  return ::openat(fd, path, flags, mode);
}
inline int openat2(int fd, const char *path, const open_how *how) {
  SGPERF_SCOPE("kernel::openat2");
  return static_cast<int>(::syscall(SYS_openat2, fd, path, how, sizeof *how));
}
inline ssize_t readlinkat(int fd, const char *path, char *buffer, size_t size) {
  SGPERF_SCOPE("kernel::readlinkat");
  return ::readlinkat(fd, path, buffer, size);
}
inline int mkdirat(int fd, const char *path, mode_t mode) {
  SGPERF_SCOPE("kernel::mkdirat");
  return ::mkdirat(fd, path, mode);
}
inline int unlinkat(int fd, const char *path, int flags) {
  SGPERF_SCOPE("kernel::unlinkat");
  return ::unlinkat(fd, path, flags);
}
inline int linkat(int from, const char *from_path, int to, const char *to_path) { // never follows
  SGPERF_SCOPE("kernel::linkat");
  return ::linkat(from, from_path, to, to_path, 0);
}
inline int symlinkat(const char *target, int fd, const char *path) {
  SGPERF_SCOPE("kernel::symlinkat");
  return ::symlinkat(target, fd, path);
}
inline int renameat(int from, const char *from_path, int to, const char *to_path) {
  SGPERF_SCOPE("kernel::renameat");
  return ::renameat(from, from_path, to, to_path);
}
// Both clock calls are usually answered by the vDSO, without entering the kernel.
inline int clock_gettime(clockid_t clock, timespec *time) {
  SGPERF_SCOPE("kernel::clock_gettime");
  return ::clock_gettime(clock, time);
}
inline int clock_getres(clockid_t clock, timespec *time) {
  SGPERF_SCOPE("kernel::clock_getres");
  return ::clock_getres(clock, time);
}
inline int clock_nanosleep(clockid_t clock, int flags, const timespec *time) { // returns an errno
  SGPERF_SCOPE("kernel::clock_nanosleep");
  return ::clock_nanosleep(clock, flags, time, nullptr);
}
inline int ppoll(pollfd *fds, nfds_t count, const timespec *timeout) {
  SGPERF_SCOPE("kernel::ppoll");
  return ::ppoll(fds, count, timeout, nullptr);
}
inline int readable_bytes(int fd, int *bytes) {
  SGPERF_SCOPE("kernel::ioctl");
  return ::ioctl(fd, FIONREAD, bytes);
}
inline ssize_t getrandom(void *buffer, size_t size) {
  SGPERF_SCOPE("kernel::getrandom");
  return ::getrandom(buffer, size, 0);
}
inline int sched_yield() {
  SGPERF_SCOPE("kernel::sched_yield");
  return ::sched_yield();
}

} // namespace sgperf::wasi::kernel
