/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Maps and the few functions that all programs share.  The maps are defined in maps.bpf.c. */
#ifndef SGPERF_PROBES_BPF_COMMON_H
#define SGPERF_PROBES_BPF_COMMON_H

#include "kernel_types.h"

#include "state.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

struct sgperf_ring_map {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1 << 22);
};
struct sgperf_processes_map {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 32768);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, u32);
  __type(value, struct sgperf_process);
};
struct sgperf_sessions_map {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 32768);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, u32);
  __type(value, struct sgperf_process_session);
};
struct sgperf_given_phases_map {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 32768);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, u32);
  __type(value, u32);
};
struct sgperf_hit_roles_map {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4096);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct sgperf_hit_key);
  __type(value, u32);
};
struct sgperf_threads_map {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct sgperf_thread);
};

struct sgperf_lent_map {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct sgperf_lent_pages);
};

extern struct sgperf_ring_map ring SEC(".maps");
extern struct sgperf_processes_map processes SEC(".maps");
extern struct sgperf_sessions_map sessions SEC(".maps");
extern struct sgperf_given_phases_map given_phases SEC(".maps");
extern struct sgperf_hit_roles_map hit_roles SEC(".maps");
extern struct sgperf_threads_map threads SEC(".maps");
extern struct sgperf_lent_map lent SEC(".maps");
extern const volatile u32 may_lend; /* the kernel can */

extern struct sgperf_control control;
extern struct sgperf_drops drops;

/* One bit for each process id that there can be (PID_MAX_LIMIT is 2^22): whether it is in the tree.  What every system
 * call of every other process of the machine pays is this load. */
#define SGPERF_TREE_WORDS (1u << 16)
extern u64 tree[SGPERF_TREE_WORDS];

static __always_inline bool in_tree(u32 tgid) {
  return tree[(tgid >> 6) & (SGPERF_TREE_WORDS - 1)] >> (tgid & 63) & 1;
}

static __always_inline void count(u64 *counter) {
  __sync_fetch_and_add(counter, 1);
}

/* Changes a phase that the loader gave; it made the element, so that nothing is allocated here. */
static __always_inline void give_phase(u32 tgid, u32 phase) {
  u32 *given = bpf_map_lookup_elem(&given_phases, &tgid);
  if (!given) return;
  *given = phase | SGPERF_PHASE_GIVEN;
  __sync_fetch_and_add(&control.generation, 1);
}

/* The loader is woken when the ring buffer fills; else it comes by itself. */
static __always_inline u64 wake_flags(void) {
  return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= control.wake_bytes ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

static __always_inline void fill_header(struct sgperf_event_header *header, u32 kind, struct task_struct *task) {
  header->kind = kind;
  header->cpu = bpf_get_smp_processor_id();
  header->time = bpf_ktime_get_ns();
  header->pid = (u32)task->tgid;
  header->tid = (u32)task->pid;
}

#endif
