/* SPDX-License-Identifier: Apache-2.0 */
/* Fork.  Parent and child would share the mapping and lose each other's increments (40 % of them in a test).
 *
 * The child cannot forget the session: every instrumented module of the process has cached pointers into it.  So the
 * memory is exchanged under the pointers: private zero pages over the whole range, in one mmap, whatever the child's
 * live scopes write vanishes, and the parent stays exact.  With SGPERF_FORK=follow a new session file is mapped there.
 *
 * Where nothing has been said yet there are no such pointers, and the child starts anew like a program that the parent
 * executed: without a file until it says something. */
#include "libsgperf/kernel.h"
#include "libsgperf/runtime.h"

#include <string.h>

static bool holding;

/* The counts go into private memory: by the time the child reads the shared header, other threads of the parent have
 * registered sites that the child's own tables do not know. */
static void prepare(void) {
  holding = sgp_live() && sgp_lock();
  if (!sgp_live()) return;
  sgp.sites_at_fork = sgp.header->site_count;
  sgp.blocks_at_fork = sgp.header->block_count;
  sgp.nothing_at_fork = !sgp.sites_at_fork && !sgp.blocks_at_fork && !sgp.header->phase_count && !sgp.header->jit_count;
}

static void in_parent(void) {
  if (holding) sgp_unlock();
}

static void forget_session(void) {
  /* RLIMIT_DATA counts private writable memory, a shared anonymous mapping is not subject to it. */
  void *at =
      sgp_mmap(sgp.base, sgp.size, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
  if (at == MAP_FAILED)
    sgp_mmap(sgp.base, sgp.size, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1);
}

static void in_child(void) {
  sgp_lock_reset();
  if (!sgp_live()) return;
  int saved_errno = errno;
  sgp_phases_after_fork();
  sgp_jit_after_fork();
  sgp_pmc_after_fork();
  bool followed = false;
  if (sgp.calls == SGP_CALLS_ALL && !sgp.preallocated && !sgp.fork_detach && sgp.nothing_at_fork)
    followed = sgp_session_follow_quietly();
  if (sgp.calls != SGP_CALLS_NONE && !followed) {
    if (sgp.fork_follow && !sgp.preallocated) {
      char parent_key[sizeof sgp.key];
      int parent_pid = sgp.pid;
      memcpy(parent_key, sgp.quiet ? sgp.header->parent_key : sgp.key, sizeof parent_key);
      sgp.quiet = false;
      sgp.pid = (int)sgp_getpid();
      followed = sgp_session_create(sgp.base, parent_key, parent_pid);
      if (!followed) sgp.pid = parent_pid;
    }
    if (followed && !sgp_threads_after_fork()) {
      sgp_session_end(0);
      followed = false;
    }
    if (!followed) forget_session();
  }
  /* Under a filter that came since the start nothing can be mapped: parent and child then share the slots, and the
   * parent's session says "seccomp". */
  if (!followed) __atomic_store_n(&sgp.mode, SGP_DETACHED, __ATOMIC_RELEASE);
  errno = saved_errno;
}

/* What pthread_atfork() calls: libc's own, and weak for the sake of a libc that has none (process.c). */
extern int __register_atfork(void (*)(void), void (*)(void), void (*)(void), void *);
#pragma weak __register_atfork

void sgp_fork_start(void) {
  if (__register_atfork) __register_atfork(prepare, in_parent, in_child, NULL); /* never unloaded: no handle */
}
