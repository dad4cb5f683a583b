/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about this process. */
#include "libsgperf/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static const char *field(const char *text, const char *name) {
  const char *at = strstr(text, name);
  return at ? at + strlen(name) : NULL;
}

static uint32_t number(const char *text) {
  uint32_t n = 0;
  while (*text == ' ' || *text == '\t') text++;
  while (*text >= '0' && *text <= '9') n = n * 10 + (uint32_t)(*text++ - '0');
  return n;
}

/* One read of /proc/self/status answers everything, with calls that the loader has just used to load us: asking
 * prctl(PR_GET_SECCOMP) instead could already be what an inherited filter kills for. */
void sgp_process_read(struct sgp_process *out) {
  char text[2048];
  memset(out, 0, sizeof *out);
  out->seccomp = -1;
  out->euid = (uint32_t)-1;
  ssize_t n = -1;
  int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    n = read(fd, text, sizeof text - 1);
    close(fd);
  }
  text[n > 0 ? n : 0] = 0;
  const char *at;
  if ((at = field(text, "Name:\t"))) {
    size_t length = strcspn(at, "\n");
    memcpy(out->comm, at, length < 15 ? length : 15);
  }
  if ((at = field(text, "\nPPid:"))) out->ppid = number(at);
  if ((at = field(text, "\nUid:\t"))) {
    at += strcspn(at, "\t\n"); /* real; next: effective */
    out->euid = number(at);
  } else {
    out->euid = (uint32_t)geteuid();
  }
  if ((at = field(text, "\nSeccomp:"))) out->seccomp = (int)number(at);
}

uint64_t sgp_process_pid_namespace(void) {
  struct stat st;
  return stat("/proc/self/ns/pid", &st) == 0 ? (uint64_t)st.st_ino : 0;
}

/* The thread id without a system call: glibc keeps it in its thread descriptor, at an offset that has not changed since
 * 2.11 on x86-64.  It is used only if the word there is our own id now, and it matters only under seccomp, where a
 * new thread may not ask. */
static int tid_offset;
#if defined(__x86_64__)
enum { GLIBC_TID_OFFSET = 0x2d0 };
static uint32_t tid_at(int offset) {
  uint32_t tid;
  __asm__ volatile("movl %%fs:(%1), %0" : "=r"(tid) : "r"((uint64_t)(uint32_t)offset));
  return tid;
}
void sgp_tid_calibrate(void) {
  if (sgp.calls == SGP_CALLS_ALL) {
    if (tid_at(GLIBC_TID_OFFSET) == (uint32_t)gettid()) tid_offset = GLIBC_TID_OFFSET;
  } else if (tid_at(GLIBC_TID_OFFSET) == (uint32_t)sgp.pid) { /* the main thread, without asking */
    tid_offset = GLIBC_TID_OFFSET;
  }
}
#else
static uint32_t tid_at(int offset) { return (uint32_t)offset; }
void sgp_tid_calibrate(void) {}
#endif

uint32_t sgp_tid(void) {
  if (tid_offset) return tid_at(tid_offset);
  return sgp.calls == SGP_CALLS_ALL ? (uint32_t)gettid() : 0;
}

void sgp_usage(sgperf_usage *out) {
  memset(out, 0, sizeof *out);
  if (sgp.calls != SGP_CALLS_ALL) { /* getrusage under a filter that kills is SIGSYS */
    out->flags = 2;
    return;
  }
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0) return;
  out->user_ns = (uint64_t)usage.ru_utime.tv_sec * 1000000000u + (uint64_t)usage.ru_utime.tv_usec * 1000u;
  out->system_ns = (uint64_t)usage.ru_stime.tv_sec * 1000000000u + (uint64_t)usage.ru_stime.tv_usec * 1000u;
  out->minor_faults = (uint64_t)usage.ru_minflt;
  out->major_faults = (uint64_t)usage.ru_majflt;
  out->voluntary_switches = (uint64_t)usage.ru_nvcsw;
  out->involuntary_switches = (uint64_t)usage.ru_nivcsw;
  out->max_rss = (uint64_t)usage.ru_maxrss * 1024u;
  out->flags = 1;
}
