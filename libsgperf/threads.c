/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of threads.  A thread gets one at its first live scope and keeps it to its end; the memory is never unmapped.
 */
#include "libsgperf/runtime.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>

/* The only thread-local of the session, one constant distance from the thread pointer for all threads. */
__thread sgperf_block *sgperf_current __attribute__((tls_model("initial-exec"), visibility("hidden"))) = NULL;

/* Where threads write that got no block: private memory that nobody reads. */
static struct {
  sgperf_block block;
  sgperf_slot slots[SGP_MAX_SITES];
} sink SGP_TABLE __attribute__((aligned(64)));

static pthread_key_t key;
static bool key_made;
static bool calibrated;
static uint32_t reuse_cursor;

/* The end of a thread, seen through the destructor of a pthread key.  Other keys' destructors may still run scopes, so
 * the block asks to be called again twice before it counts as ended. */
static void thread_ends(void *value) {
  sgperf_block *block = value;
  sgperf_block_owner *owner = sgp_owner(block);
  if (owner->rsv < 2) {
    owner->rsv++;
    pthread_setspecific(key, block);
    return;
  }
  if (sgp_live() && sgp_lock()) {
    sgp_engine_thread_ends(block);
    sgp_pmc_thread_ends(block);
    sgp_unlock();
  }
  __atomic_store_n(&owner->state, SGPERF_BLOCK_EXITED, __ATOMIC_RELEASE);
}

bool sgp_thread_end_is_seen(void) {
  return key_made;
}

void sgp_threads_start(void) {
  /* glibc keeps the values of the first 32 keys inside the thread descriptor; later ones would take a calloc. */
  if (pthread_key_create(&key, thread_ends) != 0) return;
  if (key < 32)
    key_made = true;
  else
    pthread_key_delete(key);
}

/* What an empty scope reads and what it costs its parent, so that a report can say so.  Runs once, at the first attach,
 * on the sink: 31 scopes take about a microsecond. */
static void calibrate(void) {
  enum { N = 31 };
  uint64_t reading[N], cost[N];
  sgperf_block *block = &sink.block;
  sgperf_slot *slot = &block->slots[2];
  sgperf_current = block;
  for (int i = 0; i < N; i++) {
    sgperf_frame frame;
    uint64_t total = slot->total;
    uint64_t before = sgp_now();
    sgperf_i_open(&frame, block, 2);
    frame.t0 = block->timer ? sgp_clock_raw() : sgperf_i_ticks();
    uint64_t now = block->timer ? sgp_clock_raw() : sgperf_i_ticks();
    sgperf_i_close(&frame, block, now - frame.t0);
    uint64_t after = sgp_now();
    uint64_t r = slot->total - total, c = after - before;
    int at = i; /* insertion sort */
    for (; at > 0 && reading[at - 1] > r; at--) reading[at] = reading[at - 1];
    reading[at] = r;
    at = i;
    for (; at > 0 && cost[at - 1] > c; at--) cost[at] = cost[at - 1];
    cost[at] = c;
  }
  sgperf_current = NULL;
  sgp.header->empty_scope_min = reading[0];
  sgp.header->empty_scope_median = reading[N / 2];
  /* The two outer reads are in `cost` once; an empty scope's own reading is what such a pair takes. */
  sgp.header->empty_scope_cost = cost[N / 2] > reading[N / 2] ? cost[N / 2] - reading[N / 2] : cost[N / 2];
}

static sgperf_block *take(uint32_t index, bool reused) {
  if (!sgp_block_prepare(index)) return NULL;
  sgperf_block *block = sgp_block(index);
  sgperf_block_owner *owner = sgp_owner(block);
  if (reused) { /* sums go on, they are the site's; only the owner is another */
    block->site = block->phase = 0;
    block->child = 0;
  }
  owner->tid = sgp_tid();
  owner->rsv = 0;
  memset(owner->name, 0, sizeof owner->name);
  if (sgp.calls == SGP_CALLS_ALL) sgp_raw_prctl(PR_GET_NAME, owner->name);
  owner->name[sizeof owner->name - 1] = 0;
  block->timer = sgp.timer == SGPERF_TIMER_TSC ? 0 : 1;
  owner->start = sgp_now();
  owner->generation++;
  __atomic_store_n(&owner->state, SGPERF_BLOCK_LIVE, __ATOMIC_RELEASE);
  return block;
}

static sgperf_block *take_fresh(uint32_t limit) {
  uint32_t next = sgp.header->block_count;
  if (next >= limit || next >= sgp.block_capacity) return NULL;
  sgperf_block *block = take(next, false);
  if (block) __atomic_store_n(&sgp.header->block_count, next + 1, __ATOMIC_RELEASE);
  return block;
}

/* Oldest first: a scope in a late destructor of the ended thread should not meet the new owner. */
static sgperf_block *take_ended(void) {
  uint32_t count = sgp.header->block_count;
  for (uint32_t n = 0; n < count; n++) {
    uint32_t index = (reuse_cursor + n) % count;
    uint32_t state = __atomic_load_n(&sgp_owner(sgp_block(index))->state, __ATOMIC_ACQUIRE);
    if (state == SGPERF_BLOCK_LIVE) continue;
    sgperf_block *block = take(index, true);
    if (!block) return NULL;
    reuse_cursor = (index + 1) % count;
    return block;
  }
  return NULL;
}

sgperf_block *sgp_attach(void) {
  if (sgperf_current) return sgperf_current;
  if (!sgp_live()) return &sink.block;
  int saved_errno = errno;
  if (!sgp_lock()) { /* a signal handler inside our slow path: these few events are lost, the thread is not */
    sgp_drop(&sgp.header->dropped.threads);
    return &sink.block;
  }
  if (!calibrated) {
    sgp_first_use();
    sink.block.timer = sgp.timer == SGPERF_TIMER_TSC ? 0 : 1;
    calibrated = true;
    calibrate();
  }
  sgperf_block *block = take_fresh(SGP_FRESH_BLOCKS);
  if (!block) block = take_ended();
  if (!block) block = take_fresh(sgp.block_capacity);
  if (!block) {
    sgp_drop(&sgp.header->dropped.threads);
    block = &sink.block;
  } else if (key_made) {
    pthread_setspecific(key, block);
  }
  sgperf_current = block;
  sgp_unlock();
  errno = saved_errno;
  return block;
}

/* A fiber that began a scope on one thread and ends it on another; or a module that has not cached its thread's block.
 */
void sgp_end_foreign(sgperf_frame *frame, uint64_t duration) {
  sgperf_block *block = sgp_attach();
  if (block == frame->block && block == sgperf_current) {
    sgperf_i_close(frame, block, duration);
    return;
  }
  sgperf_slot *slot = block->slots + (uint32_t)frame->slot;
  sgperf_i_add(&slot->count, 1);
  sgperf_i_add(&slot->total, duration);
  sgperf_i_add(&slot->self, duration); /* what its children took is on the other thread */
  if (duration > slot->max) slot->max = duration;
  if (~duration > slot->min_inv) slot->min_inv = ~duration;
  if (slot->hist) sgperf_i_bucket(block, slot, duration);
  /* The thread it began on still carries our tag, unless it has gone on to something else. */
  uint32_t ours = (uint32_t)frame->slot;
  __atomic_compare_exchange_n(&frame->block->site, &ours, frame->saved_site, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  if (sgp_live()) sgp_drop(&sgp.header->dropped.foreign);
}

int sgp_thread_name(const char *name) {
  if (!name) return -EINVAL;
  if (!sgp_live()) return 0;
  sgperf_block *block = sgp_attach();
  if (!sgp_is_session_block(block)) return -ENOSPC;
  sgperf_block_owner *owner = sgp_owner(block);
  char text[sizeof owner->name] = {0};
  memcpy(text, name, sgp_cut_utf8(name, strlen(name), sizeof text - 1));
  memcpy(owner->name, text, sizeof text);
  return 0;
}

/* In the child.  Its one thread keeps its block's address; in a session of its own the block starts empty. */
bool sgp_threads_after_fork(void) {
  sgp_memory_forget_blocks();
  sgperf_block *block = sgperf_current;
  return !block || !sgp_is_session_block(block) || take(sgp_block_index(block), false);
}
