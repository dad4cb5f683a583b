/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* From a key to its row. */
#ifndef SGPERF_PROBES_ROW_FIND_H
#define SGPERF_PROBES_ROW_FIND_H

#include "bpf_common.h"

struct sgperf_row_index_map {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 131072);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct sgperf_sum_key);
  __type(value, u32);
};
/* Rows of threads that have ended, empty again. */
struct sgperf_row_free_map {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, 65536);
  __type(value, u32);
};
struct sgperf_row_first_map {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, SGPERF_ROWS_AT_START);
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, u32);
  __type(value, struct sgperf_sum_row);
};
struct sgperf_row_more_map {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 131072);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, u32);
  __type(value, struct sgperf_sum_row);
};
/* Without a row of their own: one row a number, of all threads. */
struct sgperf_row_overflow_map {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, SGPERF_NUMBERS);
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, u32);
  __type(value, struct sgperf_sum_row);
};

extern struct sgperf_row_index_map row_index SEC(".maps");
extern struct sgperf_row_free_map row_free SEC(".maps");
extern struct sgperf_row_first_map row_first SEC(".maps");
extern struct sgperf_row_more_map row_more SEC(".maps");
extern struct sgperf_row_overflow_map row_overflow SEC(".maps");

extern const volatile u32 row_first_count; /* of row_first */

/* Not inline: the kernel's own inlining of this look-up made the other path 35 ns slower. */
static __noinline struct sgperf_sum_row *row_more_at(u32 index) {
  return bpf_map_lookup_elem(&row_more, &index);
}

static __always_inline struct sgperf_sum_row *row_at(u32 index) {
  if (likely(index < row_first_count)) return bpf_map_lookup_elem(&row_first, &index);
  return row_more_at(index);
}

/* A row for a key that the thread has not cached; 0: there is none.  `tag`: phase, and site << 32. */
u32 find_row(struct sgperf_thread *thread, u64 tag, u32 number);

/* The row of the thread that runs now; 0: there is none, the caller counts in row_overflow. */
static __always_inline struct sgperf_sum_row *thread_row(struct sgperf_thread *thread, struct sgperf_event_tag tag,
                                                         u32 number) {
  struct sgperf_cached_row *cached = &thread->cache[(number ^ tag.site ^ tag.site >> 4) % SGPERF_CACHED_ROWS];
  if (likely(cached->row && cached->number == number && cached->tag.site == tag.site && cached->tag.phase == tag.phase))
    return row_at(cached->row);
  const u32 index = find_row(thread, (u64)tag.site << 32 | tag.phase, number);
  if (!index) return 0;
  cached->tag = tag;
  cached->number = number;
  cached->row = index;
  return row_at(index);
}

#endif
