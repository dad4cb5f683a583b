/* SPDX-License-Identifier: Apache-2.0 */
/* Phases: coarse regions with a record each.  All under the lock; a phase costs microseconds anyway. */
#include "libsgperf/runtime.h"

#include <errno.h>
#include <string.h>

/* Open phases, in the order of their begin.  A thread's stack is what of it has its block. */
static struct open_phase {
  uint32_t record;
  sgperf_block *block;
  struct sgp_pmc_reading before;
} open_phases[SGP_OPEN_PHASES] SGP_TABLE;
static uint32_t open_count;

enum { KIND_PHASE = 0, KIND_BENCH = 1, KIND_PROCESS = 2 };

/* Where phases of the process have their tag: no thread's block, so that no thread's own phase is touched. */
static sgperf_block process_block;

static uint32_t depth_of(const sgperf_block *block) {
  uint32_t depth = 0;
  for (uint32_t i = 0; i < open_count; i++) depth += open_phases[i].block == block;
  return depth;
}

static const struct open_phase *innermost_of(const sgperf_block *block) {
  for (uint32_t i = open_count; i-- > 0;)
    if (open_phases[i].block == block) return &open_phases[i];
  return NULL;
}

static void set_tags(sgperf_block *block) {
  const struct open_phase *inner = innermost_of(block);
  __atomic_store_n(&block->phase, inner ? sgp.phases[inner->record].site : 0, __ATOMIC_RELAXED);
  uint32_t now = open_count ? sgp.phases[open_phases[open_count - 1].record].site : 0;
  __atomic_store_n(&sgp.header->phase_now, now, __ATOMIC_RELAXED);
}

static void close_at(uint32_t at, uint32_t ready, uint64_t t1, const sgperf_usage *after,
                     const struct sgp_pmc_reading *counters) {
  sgperf_phase_record *r = &sgp.phases[open_phases[at].record];
  sgperf_block *block = open_phases[at].block;
  r->t1 = t1;
  r->after = *after;
  if (counters) sgp_pmc_store(&open_phases[at].before, counters, r);
  r->end_tid = sgp_tid();
  __atomic_store_n(&r->ready, ready, __ATOMIC_RELEASE);
  memmove(&open_phases[at], &open_phases[at + 1], (open_count - at - 1) * sizeof *open_phases);
  open_count--;
  set_tags(block);
}

static int find(uint32_t site, uint64_t cookie, uint32_t kind, const sgperf_block *only) {
  for (uint32_t i = open_count; i-- > 0;) {
    const sgperf_phase_record *r = &sgp.phases[open_phases[i].record];
    if (r->site == site && r->cookie == cookie && r->kind == kind && (!only || open_phases[i].block == only))
      return (int)i;
  }
  return -1;
}

static int begin_locked(const char *name, uint64_t cookie, uint32_t kind, sgperf_block *block) {
  uint32_t site = sgp_phase_site(name, true);
  if (site && kind == KIND_BENCH && find(site, cookie, kind, NULL) >= 0) return -EALREADY;
  uint32_t index = sgp.header->phase_count;
  if (!site || open_count == SGP_OPEN_PHASES || depth_of(block) >= SGP_PHASE_DEPTH || index >= sgp.phase_capacity ||
      !sgp_need_phase(index)) {
    sgp_drop(&sgp.header->dropped.phases);
    return -ENOSPC;
  }
  sgperf_phase_record *r = &sgp.phases[index];
  const struct open_phase *parent = innermost_of(block);
  r->site = site;
  r->cookie = cookie;
  r->kind = kind;
  r->tid = sgp_tid();
  r->parent = parent ? parent->record + 1 : 0;
  sgp_usage(&r->before);
  struct open_phase *self = &open_phases[open_count++];
  self->record = index;
  self->block = block;
  set_tags(block);
  __atomic_store_n(&sgp.header->phase_count, index + 1, __ATOMIC_RELAXED);
  if (kind != KIND_PROCESS) sgp_pmc_read(block, &self->before);
  r->t0 = sgp_now_fenced(); /* the last thing, as close to the region as can be */
  __atomic_store_n(&r->ready, 1, __ATOMIC_RELEASE);
  return 0;
}

static int end_locked(const char *name, uint64_t cookie, uint32_t kind, sgperf_block *block, uint64_t t1) {
  uint32_t site = sgp_phase_site(name, false);
  if (!site) return -ENOENT;
  int at = find(site, cookie, kind, block);
  bool own = at >= 0;
  if (!own) at = find(site, cookie, kind, NULL); /* begun by another thread */
  if (at < 0) return -ENOENT;
  struct sgp_pmc_reading counters; /* of this thread: they say nothing of a phase that another began */
  if (own) sgp_pmc_read(block, &counters);
  sgperf_usage after;
  sgp_usage(&after);
  if (own && kind == KIND_PHASE) /* what this thread opened inside and never closed ends with it */
    for (uint32_t i = open_count; i-- > (uint32_t)at + 1;)
      if (open_phases[i].block == block) close_at(i, 3, t1, &after, &counters);
  close_at((uint32_t)at, 2, t1, &after, own ? &counters : NULL);
  return 0;
}

static int phase(bool begin, const char *name, uint64_t cookie, uint32_t kind) {
  if (!sgp_live()) return name && *name ? 0 : -EINVAL;
  uint64_t t1 = begin ? 0 : sgp_now_fenced(); /* of an end: the first thing */
  if (!name || !*name) return -EINVAL;
  int saved_errno = errno;
  sgperf_block *block =
      sgp_attach();  /* the sink for a thread without a block: its tag is nobody's, its records are kept */
  if (!sgp_lock()) { /* a signal handler inside our slow path */
    sgp_drop(&sgp.header->dropped.phases);
    return -EBUSY;
  }
  int rc = begin ? begin_locked(name, cookie, kind, block) : end_locked(name, cookie, kind, block, t1);
  sgp_unlock();
  errno = saved_errno;
  return rc;
}

static bool own_phases; /* the program says its phases itself */

int sgp_phase_begin(const char *name, uint64_t cookie) {
  own_phases = true;
  return phase(true, name, cookie, KIND_PHASE);
}
int sgp_phase_end(const char *name, uint64_t cookie) {
  return phase(false, name, cookie, KIND_PHASE);
}
int sgp_bench_start(uint64_t id) {
  return phase(true, "bench", id, KIND_BENCH);
}
int sgp_bench_end(uint64_t id) {
  return phase(false, "bench", id, KIND_BENCH);
}

/* ---- of wrappers ---- */

static uint32_t engine_phase_begin(const char *name) {
  if (own_phases || !sgp_live()) return 0;
  const int saved_errno = errno;
  sgperf_block *block = sgp_attach();
  uint32_t record = 0;
  if (sgp_is_session_block(block) && sgp_lock()) {
    sgp_engine_thread_closes(block);
    sgp_code_phases_give_way();
    const uint32_t site = sgp_phase_site(name, false);
    if ((!site || find(site, 0, KIND_PHASE, block) < 0) && begin_locked(name, 0, KIND_PHASE, block) == 0)
      record = sgp.header->phase_count;
    sgp_unlock();
  }
  errno = saved_errno;
  return record;
}

bool sgp_engine_phase_begin(const char *name) {
  return engine_phase_begin(name) != 0;
}
uint32_t sgp_engine_phase_begin_lasting(const char *name) {
  return engine_phase_begin(name);
}
void sgp_engine_phase_end(const char *name) {
  phase(false, name, 0, KIND_PHASE);
}

void sgp_engine_phase_end_lasting(uint32_t record) {
  for (uint32_t i = open_count; i-- > 0;) {
    if (open_phases[i].record != record) continue;
    const uint64_t last = sgp.phases[record].t1;
    sgperf_usage after;
    sgp_usage(&after);
    close_at(i, 2, last ? last : sgp_now_fenced(), &after, NULL);
    return;
  }
}

static uint32_t process_site;

void sgp_process_phase(const char *name) {
  const int at = process_site ? find(process_site, 0, KIND_PROCESS, &process_block) : -1;
  if (at >= 0) {
    sgperf_usage after;
    sgp_usage(&after);
    close_at((uint32_t)at, 2, sgp_now_fenced(), &after, NULL);
  }
  sgp_first_use();
  if (begin_locked(name, 0, KIND_PROCESS, &process_block) == 0) process_site = sgp_phase_site(name, false);
}

void sgp_process_phase_end(const sgperf_usage *usage) {
  const int at = process_site ? find(process_site, 0, KIND_PROCESS, &process_block) : -1;
  const uint32_t now = sgp.header->phase_now;
  sgperf_usage read;
  if (at >= 0 && !usage) {
    sgp_usage(&read);
    usage = &read;
  }
  if (at >= 0) close_at((uint32_t)at, 2, sgp_now_fenced(), usage, NULL);
  /* What the process still does is in its last phase for the kernel's side: no phase means in front of the first. */
  if (at >= 0) __atomic_store_n(&sgp.header->phase_now, now, __ATOMIC_RELAXED);
  process_site = 0;
}

void sgp_process_phase_past(const char *name) {
  sgp_first_use();
  const uint64_t t1 = sgp_now_fenced();
  const uint32_t site = sgp_phase_site(name, true), index = sgp.header->phase_count;
  if (!site || index >= sgp.phase_capacity || !sgp_need_phase(index)) {
    sgp_drop(&sgp.header->dropped.phases);
    return;
  }
  sgperf_phase_record *r = &sgp.phases[index];
  r->site = site;
  r->kind = KIND_PROCESS;
  r->tid = r->end_tid = sgp_tid();
  const sgperf_anchor *start = &sgp.header->start;
  r->t0 = sgp.timer == SGPERF_TIMER_TSC ? start->tsc : start->monotonic_raw;
  r->t1 = t1;
  r->before.flags = 1; /* zeros: a program begins with nothing used but what its exec took */
  sgp_usage(&r->after);
  if (!(r->after.flags & 1)) r->before = r->after;
  __atomic_store_n(&sgp.header->phase_count, index + 1, __ATOMIC_RELAXED);
  __atomic_store_n(&r->ready, 2, __ATOMIC_RELEASE);
}

/* Phases open at the fork are the parent's; their ends in the child find nothing. */
void sgp_phases_after_fork(void) {
  open_count = 0;
  process_site = 0;
  sgp_engine_after_fork();
  sgp_modules_after_fork();
  sgp_code_phases_after_fork();
  sgp_breakpoints_after_fork();
}
