/* SPDX-License-Identifier: Apache-2.0 */
/* One lock for the tables.  Never on a hot path; held for microseconds.
 *
 * Not a pthread mutex: a signal handler whose scope registers itself while the interrupted code of the same thread
 * holds the lock must get a "no" and not a deadlock.  The owner is the address of a thread-local variable, because
 * asking for the thread id is a system call, which a seccomp filter may forbid. */
#include "libsgperf/kernel.h"
#include "libsgperf/runtime.h"

static uintptr_t owner;

static inline uintptr_t self(void) {
  return (uintptr_t)&sgperf_current;
}

bool sgp_lock(void) {
  uintptr_t me = self();
  if (__atomic_load_n(&owner, __ATOMIC_RELAXED) == me) return false;
  for (unsigned spins = 0;; spins++) {
    uintptr_t expected = 0;
    if (__atomic_compare_exchange_n(&owner, &expected, me, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return true;
    if (spins % 64 == 63 && sgp.calls == SGP_CALLS_ALL) {
      sgp_sched_yield();
    } else {
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
  }
}

bool sgp_try_lock(void) {
  uintptr_t expected = 0;
  return __atomic_compare_exchange_n(&owner, &expected, self(), false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

void sgp_unlock(void) {
  __atomic_store_n(&owner, 0, __ATOMIC_RELEASE);
}
void sgp_lock_reset(void) {
  sgp_unlock();
}
