/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* In which phase and scope the current thread is: read from its memory, where libsgperf keeps it (sgperf_block.phase
 * and .site; libsgperf/session_layout.h). */
#ifndef SGPERF_PROBES_REGION_H
#define SGPERF_PROBES_REGION_H

#include "bpf_common.h"

#include "session_offsets.h"

/* Where the thread has its sgperf_current. */
static __always_inline u64 block_pointer_of(struct task_struct *task, s64 tls_offset) {
  return task->thread.fsbase + (u64)tls_offset;
}

/* The tag of the thread that runs now: its own phase, else the one that was given to the process from outside
 * (breakpoints are exact where hooks inside are coarse), else the process's.  Unreadable memory means no tag: a thread
 * that has no block yet, a session that is being taken down. */
static __always_inline struct sgperf_event_tag read_tag(u64 block, u64 header, u32 given_phase) {
  struct sgperf_event_tag tag = {0, 0};
  if (block && bpf_probe_read_user(&tag, sizeof tag, (void *)block) != 0) tag.phase = tag.site = 0;
  if (tag.phase) return tag;
  tag.phase = given_phase;
  if (!given_phase && header && bpf_probe_read_user(&tag.phase, 4, (void *)(header + SGPERF_HEADER_PHASE_NOW)) != 0)
    tag.phase = 0;
  return tag;
}

/* The same without a thread's cached pointers: three reads. */
static __always_inline struct sgperf_event_tag find_tag(struct task_struct *task, u32 tgid) {
  u64 block = 0, header = 0;
  struct sgperf_process_session *session = bpf_map_lookup_elem(&sessions, &tgid);
  if (session) {
    header = session->header;
    if (bpf_probe_read_user(&block, 8, (void *)block_pointer_of(task, session->tls_offset)) != 0) block = 0;
  }
  const u32 *given = bpf_map_lookup_elem(&given_phases, &tgid);
  return read_tag(block, header, given ? *given : 0);
}

/* Takes what the maps say of the process into the storage of the thread that runs now. */
int refresh_thread(struct sgperf_thread *thread);

/* Tells the loader, once for each block of a thread, that it could lend the pages. */
int ask_for_pages(struct sgperf_thread *thread);

/* The tag of the thread that runs now, by its storage.  One read once the thread has a block and a phase of its own. */
static __always_inline struct sgperf_event_tag thread_tag(struct task_struct *task, struct sgperf_thread *thread) {
  struct sgperf_event_tag tag = {0, 0};
  if (unlikely(thread->generation != control.generation)) refresh_thread(thread);
  if (likely(!thread->block_pointer)) {
    tag.phase = thread->given_phase;
    return tag;
  }
  if (unlikely(!thread->block)) {
    u64 block = 0;
    if (bpf_probe_read_user(&block, 8, (void *)thread->block_pointer) == 0) thread->block = block;
  }
  if (may_lend) {
    struct sgperf_lent_pages *pages = bpf_task_storage_get(&lent, task, 0, 0);
    if (likely(pages && pages->header == thread->header && pages->block == thread->block)) {
      struct sgperf_block_page *block = pages->block_page;
      if (likely(block != 0)) tag = block->tag;
      if (likely(tag.phase)) return tag;
      tag.phase = thread->given_phase;
      if (tag.phase) return tag;
      struct sgperf_header_page *header = pages->header_page;
      if (header) tag.phase = header->phase_now;
      return tag;
    }
    if (unlikely(thread->asked != 1 + (thread->block != 0))) ask_for_pages(thread);
  }
  return read_tag(thread->block, thread->header, thread->given_phase);
}

#endif
