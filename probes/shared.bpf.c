// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Maps, variables and the rare paths that all programs share.  The functions are global, so that the verifier looks at
// each once and not at every place that calls it: what a start costs is mostly the verifier's time.
#include "bpf_common.h"

#include "region.h"
#include "row_find.h"

struct sgperf_ring_map ring SEC(".maps");
struct sgperf_processes_map processes SEC(".maps");
struct sgperf_sessions_map sessions SEC(".maps");
struct sgperf_given_phases_map given_phases SEC(".maps");
struct sgperf_hit_roles_map hit_roles SEC(".maps");
struct sgperf_threads_map threads SEC(".maps");
struct sgperf_lent_map lent SEC(".maps");
struct sgperf_row_index_map row_index SEC(".maps");
struct sgperf_row_free_map row_free SEC(".maps");
struct sgperf_row_first_map row_first SEC(".maps");
struct sgperf_row_more_map row_more SEC(".maps");
struct sgperf_row_overflow_map row_overflow SEC(".maps");

struct sgperf_control control;
struct sgperf_drops drops;
u64 tree[SGPERF_TREE_WORDS];
/* Never used: with a variable of each, the compiler describes the types, and not only their names. */
struct sgperf_block_page described_block_page;
struct sgperf_header_page described_header_page;
const volatile u32 may_lend = 0;
const volatile u32 row_first_count = SGPERF_ROWS_AT_START;

char _license[] SEC("license") = "GPL"; /* the helpers for it */

__noinline int refresh_thread(struct sgperf_thread *thread) {
  struct task_struct *task = bpf_get_current_task_btf();
  if (!thread) return 0;
  const u32 tgid = (u32)task->tgid;
  thread->generation = control.generation;
  struct sgperf_process_session *session = bpf_map_lookup_elem(&sessions, &tgid);
  thread->block = 0;
  thread->asked = 0;
  thread->header = session ? session->header : 0;
  thread->block_pointer = session ? block_pointer_of(task, session->tls_offset) : 0;
  const u32 *given = bpf_map_lookup_elem(&given_phases, &tgid);
  thread->given_phase = given ? *given : 0;
  const struct sgperf_process *process = bpf_map_lookup_elem(&processes, &tgid);
  const u32 image = process ? process->image : 0;
  if (image != thread->image) {
    thread->image = image;
    for (int i = 0; i < SGPERF_CACHED_ROWS; i++) thread->cache[i].row = 0;
  }
  return 0;
}

__noinline int ask_for_pages(struct sgperf_thread *thread) {
  if (!thread) return 0;
  thread->asked = 1 + (thread->block != 0);
  struct sgperf_event_asks *event = bpf_ringbuf_reserve(&ring, sizeof *event, 0);
  if (!event) return 0; /* it costs time only */
  fill_header(&event->header, SGPERF_EVENT_ASKS, bpf_get_current_task_btf());
  event->header_address = thread->header;
  event->block_address = thread->block;
  bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
  return 0;
}

static const struct sgperf_sum_row empty_row;

__noinline u32 find_row(struct sgperf_thread *thread, u64 tag, u32 number) {
  struct task_struct *task = bpf_get_current_task_btf();
  if (!thread) return 0;
  struct sgperf_sum_key key = {(u32)task->tgid, (u32)task->pid, {(u32)tag, (u32)(tag >> 32)}, thread->image, number};
  const u32 *known = bpf_map_lookup_elem(&row_index, &key);
  if (known) return *known;
  u32 index = 0;
  if (bpf_map_pop_elem(&row_free, &index) != 0) {
    if (control.rows_used >= control.rows_capacity) return 0;
    index = __sync_fetch_and_add(&control.rows_used, 1);
    if (index >= control.rows_capacity) return 0;
  }
  if (index >= row_first_count) bpf_map_update_elem(&row_more, &index, &empty_row, BPF_ANY);
  struct sgperf_sum_row *row = row_at(index);
  if (!row || bpf_map_update_elem(&row_index, &key, &index, BPF_NOEXIST) != 0) {
    bpf_map_push_elem(&row_free, &index, 0); /* no memory at this moment */
    return 0;
  }
  row->key = key;
  row->index = index;
  row->next = thread->rows;
  thread->rows = index;
  return index;
}
