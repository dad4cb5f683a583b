/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about this process. */
#include "libsgperf/kernel.h"
#include "libsgperf/runtime.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

#pragma weak dlvsym
#pragma weak gnu_get_libc_version
extern const char *gnu_get_libc_version(void);

bool sgp_is_glibc(void) {
  return gnu_get_libc_version && dlvsym;
}

void *sgp_libc(const char *name, const char *version) {
#if defined(__aarch64__)
  version = "GLIBC_2.17"; /* the first for this architecture */
#endif
  void *found = dlvsym(RTLD_NEXT, name, version);
  if (found) return found;
  /* A program may have linked libc in front of us (cargo does). */
  void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
  if (!libc) return NULL;
  found = dlvsym(libc, name, version);
  dlclose(libc); /* it stays: it is everybody's */
  return found;
}

/* Straight to the kernel: `prctl` is one of our own hooks, and under a filter an argument list may matter. */
long sgp_raw_prctl(long option, void *argument) {
#if defined(__x86_64__)
  long rc;
  register long zero4 __asm__("r10") = 0;
  register long zero5 __asm__("r8") = 0;
  __asm__ volatile("syscall"
                   : "=a"(rc)
                   : "a"((long)SYS_prctl), "D"(option), "S"(argument), "d"(0L), "r"(zero4), "r"(zero5)
                   : "rcx", "r11", "memory");
  return rc;
#else
  return prctl((int)option, argument, 0, 0, 0);
#endif
}

/* What exec names a process: the last part of the path, cut. */
static void comm_of_exec(char *out, size_t size) {
  const char *path = (const char *)getauxval(AT_EXECFN);
  if (!path) return;
  const char *slash = strrchr(path, '/');
  sgp_put_text(out, out + size, slash ? slash + 1 : path);
}

/* "Seccomp:" in /proc/self/status says the same as PR_GET_SECCOMP but took 30 us of a start that may take 100 (Linux
 * 6.18 in a VM); the call takes 0.2.  Strict mode, in which prctl kills, cannot be on here: it does not survive exec,
 * and loading us later needs calls that it kills for as well.  Under a filter nothing more is asked than a session
 * needs: what the loader was told, or files that it could have opened, tell the rest. */
void sgp_process_read(struct sgp_process *out) {
  memset(out, 0, sizeof *out);
  long seccomp = sgp_raw_prctl(PR_GET_SECCOMP, NULL);
  out->seccomp = seccomp < 0 ? 0 : (int)seccomp; /* -EINVAL: a kernel without seccomp */
  if (out->seccomp) {
    comm_of_exec(out->comm, sizeof out->comm);
    return;
  }
  sgp_raw_prctl(PR_GET_NAME, out->comm);
  out->ppid = (uint32_t)sgp_getppid();
}

uint32_t sgp_euid(void) {
  return sgp.calls == SGP_CALLS_ALL ? (uint32_t)sgp_geteuid() : (uint32_t)getauxval(AT_EUID);
}

void sgp_host_name(char *out, size_t size) {
  out[0] = 0;
  if (sgp.calls == SGP_CALLS_ALL) {
    struct utsname uts;
    if (sgp_uname(&uts) == 0) sgp_put_text(out, out + size, uts.nodename);
  } else {
    int fd = sgp_open("/proc/sys/kernel/hostname", O_RDONLY | O_CLOEXEC, 0);
    ssize_t n = fd >= 0 ? sgp_read(fd, out, size - 1) : -1;
    if (fd >= 0) sgp_close(fd);
    out[n > 0 ? n : 0] = 0;
    out[strcspn(out, "\n")] = 0;
  }
  if (!out[0]) sgp_put_text(out, out + size, "host");
}

uint64_t sgp_process_pid_namespace(void) {
  struct stat st;
  return sgp_stat("/proc/self/ns/pid", &st) == 0 ? (uint64_t)st.st_ino : 0;
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
    if (tid_at(GLIBC_TID_OFFSET) == (uint32_t)sgp_gettid()) tid_offset = GLIBC_TID_OFFSET;
  } else if (tid_at(GLIBC_TID_OFFSET) == (uint32_t)sgp.pid) { /* the main thread, without asking */
    tid_offset = GLIBC_TID_OFFSET;
  }
}
#else
static uint32_t tid_at(int offset) {
  return (uint32_t)offset;
}
void sgp_tid_calibrate(void) {}
#endif

uint32_t sgp_tid(void) {
  if (tid_offset) return tid_at(tid_offset);
  return sgp.calls == SGP_CALLS_ALL ? (uint32_t)sgp_gettid() : 0;
}

void sgp_usage(sgperf_usage *out) {
  memset(out, 0, sizeof *out);
  if (sgp.calls != SGP_CALLS_ALL) { /* getrusage under a filter that kills is SIGSYS */
    out->flags = 2;
    return;
  }
  struct rusage usage;
  if (sgp_getrusage(&usage) != 0) return;
  out->user_ns = (uint64_t)usage.ru_utime.tv_sec * 1000000000u + (uint64_t)usage.ru_utime.tv_usec * 1000u;
  out->system_ns = (uint64_t)usage.ru_stime.tv_sec * 1000000000u + (uint64_t)usage.ru_stime.tv_usec * 1000u;
  out->minor_faults = (uint64_t)usage.ru_minflt;
  out->major_faults = (uint64_t)usage.ru_majflt;
  out->voluntary_switches = (uint64_t)usage.ru_nvcsw;
  out->involuntary_switches = (uint64_t)usage.ru_nivcsw;
  out->max_rss = (uint64_t)usage.ru_maxrss * 1024u;
  out->flags = 1;
}
