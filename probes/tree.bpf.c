// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// The process tree: what is followed, and the events that a reader needs to follow it too.
#include "bpf_common.h"

#include "row_find.h"

#include <bpf/bpf_tracing.h>

/* include/linux/sched/signal.h */
#define SIGNAL_GROUP_EXIT 4
#define PAGE_BYTES 4096

static __always_inline void set_in_tree(u32 tgid, bool in) {
  u64 *word = &tree[(tgid >> 6) & (SGPERF_TREE_WORDS - 1)];
  const u64 bit = 1ull << (tgid & 63);
  if (in)
    __sync_fetch_and_or(word, bit);
  else
    __sync_fetch_and_and(word, ~bit);
}

SEC("raw_tp/sched_process_fork")
int BPF_PROG(sgperf_fork, struct task_struct *parent_argument, struct task_struct *child) {
  struct task_struct *parent = bpf_get_current_task_btf();
  const u32 parent_tgid = (u32)parent->tgid;
  if (!in_tree(parent_tgid)) return 0;
  const u32 tgid = (u32)BPF_CORE_READ(child, tgid);
  if (tgid == parent_tgid) {
    struct sgperf_process *process = bpf_map_lookup_elem(&processes, &tgid);
    if (process) __sync_fetch_and_add(&process->threads, 1);
  } else {
    struct sgperf_process process = {};
    process.threads = 1;
    if (bpf_map_update_elem(&processes, &tgid, &process, BPF_ANY) != 0) {
      count(&drops.processes);
      return 0;
    }
    set_in_tree(tgid, 1);
  }
  struct sgperf_event_fork *event = bpf_ringbuf_reserve(&ring, sizeof *event, 0);
  if (!event) {
    count(&drops.events);
    return 0;
  }
  fill_header(&event->header, SGPERF_EVENT_FORK, parent);
  event->header.pid = tgid;
  event->header.tid = (u32)BPF_CORE_READ(child, pid);
  event->parent_pid = parent_tgid;
  event->parent_tid = (u32)parent->pid;
  BPF_CORE_READ_INTO(&event->comm, child, comm);
  bpf_ringbuf_submit(event, wake_flags());
  return 0;
}

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct sgperf_event_exec);
} exec_scratch SEC(".maps");

SEC("raw_tp/sched_process_exec")
int BPF_PROG(sgperf_exec, struct task_struct *task_argument, int old_tid, struct linux_binprm *program) {
  struct task_struct *task = bpf_get_current_task_btf();
  const u32 tgid = (u32)task->tgid;
  const u32 zero = 0;
  struct sgperf_process *process;
  if (in_tree(tgid)) {
    process = bpf_map_lookup_elem(&processes, &tgid);
    if (process) process->image++;
    bpf_map_delete_elem(&sessions, &tgid);
    bpf_map_delete_elem(&given_phases, &tgid);
    struct sgperf_thread *thread = bpf_task_storage_get(&threads, task, 0, 0);
    if (thread) {
      thread->generation = 0; /* all is looked up again, at the first call of the new program */
      thread->candidate = 0;
    }
  } else {
    if (!control.waiting) return 0;
    process = bpf_map_lookup_elem(&processes, &tgid);
    if (!process || !(process->flags & SGPERF_PROCESS_WAITING)) return 0;
    process->flags &= ~SGPERF_PROCESS_WAITING;
    /* What it used up before is its parent's doing. */
    process->user_ticks_ns = -task->utime;
    process->system_ticks_ns = -task->stime;
    process->runtime_ns = -task->se.sum_exec_runtime;
    process->minor_faults = -(u64)task->min_flt;
    process->major_faults = -(u64)task->maj_flt;
    process->voluntary = -(u64)task->nvcsw;
    process->involuntary = -(u64)task->nivcsw;
    __sync_fetch_and_add(&control.waiting, -1);
    set_in_tree(tgid, 1);
  }
  struct sgperf_event_exec *event = bpf_map_lookup_elem(&exec_scratch, &zero);
  if (!event) return 0;
  fill_header(&event->header, SGPERF_EVENT_EXEC, task);
  event->old_tid = (u32)old_tid;
  __builtin_memcpy(event->comm, task->comm, sizeof event->comm);
  long length = bpf_probe_read_kernel_str(event->path, sizeof event->path, BPF_CORE_READ(program, filename));
  if (length <= 0) {
    event->path[0] = 0;
    length = 1;
  }
  event->path_length = (u32)length - 1;
  const u32 size = (u32) __builtin_offsetof(struct sgperf_event_exec, path) + ((u32)length & (2 * SGPERF_PATH_MAX - 1));
  if (size > sizeof *event || bpf_ringbuf_output(&ring, event, size, BPF_RB_FORCE_WAKEUP) != 0) count(&drops.events);
  return 0;
}

static __always_inline void end_process(u32 tgid) {
  set_in_tree(tgid, 0);
  bpf_map_delete_elem(&processes, &tgid);
  bpf_map_delete_elem(&sessions, &tgid);
  bpf_map_delete_elem(&given_phases, &tgid);
}

static __always_inline void end_waiting(u32 tgid) {
  struct sgperf_process *process = bpf_map_lookup_elem(&processes, &tgid);
  if (!process || !(process->flags & SGPERF_PROCESS_WAITING)) return;
  __sync_fetch_and_add(&control.waiting, -1);
  end_process(tgid);
}

/* The last thread of a process: by our own count, since signal->live is 0 already for the last but one while the two
 * pass here side by side.  Of a process that was running when it was found, signal->live is all there is. */
static __always_inline bool is_last(struct sgperf_process *process, struct signal_struct *group) {
  if (process->flags & SGPERF_PROCESS_FOUND) {
    if (BPF_CORE_READ(group, live.counter) > 0) return 0;
    return !(__sync_fetch_and_or(&process->flags, SGPERF_PROCESS_ENDED) & SGPERF_PROCESS_ENDED);
  }
  return __sync_fetch_and_add(&process->threads, -1) == 1;
}

/* What is still open in the thread's sums: a call that never returned, a fault that may have been a major one. */
static __always_inline u32 close_thread(struct task_struct *task) {
  struct sgperf_thread *thread = bpf_task_storage_get(&threads, task, 0, 0);
  if (!thread) return 0;
  thread->ended = 1;
  if (thread->entered) {
    struct sgperf_sum_row *row =
        row_at(find_row(thread, (u64)thread->tag.site << 32 | thread->tag.phase, thread->number));
    if (!row || !row->index) {
      const u32 number = thread->number;
      count(&drops.row_calls);
      row = bpf_map_lookup_elem(&row_overflow, &number);
    }
    if (row) __sync_fetch_and_add(&row->unreturned, 1);
    thread->entered = 0;
  }
  if (thread->fault_row && task->maj_flt != thread->major_faults) {
    struct sgperf_sum_row *row = row_at(thread->fault_row);
    if (row) row->max_ns += task->maj_flt - thread->major_faults;
  }
  return thread->rows;
}

/* As wait(2) gives it: of the call of exit_group or the signal that ended all threads, else of the leader. */
static __always_inline int status_of_process(struct task_struct *task, struct signal_struct *group) {
  const int code = BPF_CORE_READ(group, group_exit_code);
  if (code || BPF_CORE_READ(group, flags) & SIGNAL_GROUP_EXIT) return code;
  return BPF_CORE_READ(task, group_leader, exit_code);
}

SEC("raw_tp/sched_process_exit")
int BPF_PROG(sgperf_exit) {
  struct task_struct *task = bpf_get_current_task_btf();
  const u32 tgid = (u32)task->tgid;
  if (!in_tree(tgid)) {
    if (control.waiting) end_waiting(tgid);
    return 0;
  }
  struct sgperf_process *process = bpf_map_lookup_elem(&processes, &tgid);
  if (!process) return 0;
  __sync_fetch_and_add(&process->user_ticks_ns, task->utime);
  __sync_fetch_and_add(&process->system_ticks_ns, task->stime);
  __sync_fetch_and_add(&process->runtime_ns, task->se.sum_exec_runtime);
  __sync_fetch_and_add(&process->minor_faults, task->min_flt);
  __sync_fetch_and_add(&process->major_faults, task->maj_flt);
  __sync_fetch_and_add(&process->voluntary, task->nvcsw);
  __sync_fetch_and_add(&process->involuntary, task->nivcsw);
  /* Not task->signal->..: for each pointer that is followed so, the verifier searches all names of the kernel. */
  struct signal_struct *group = BPF_CORE_READ(task, signal);
  const u32 rows = close_thread(task);
  const bool last = is_last(process, group);

  struct sgperf_event_exit *event = bpf_ringbuf_reserve(&ring, sizeof *event, 0);
  if (event) {
    fill_header(&event->header, SGPERF_EVENT_EXIT, task);
    event->process = last;
    event->rows = rows;
    event->pad = 0;
    event->status = last ? status_of_process(task, group) : task->exit_code;
    event->max_rss = BPF_CORE_READ(group, maxrss) * PAGE_BYTES;
    if (last) {
      event->user_ticks_ns = process->user_ticks_ns;
      event->system_ticks_ns = process->system_ticks_ns;
      event->runtime_ns = process->runtime_ns;
      event->minor_faults = process->minor_faults;
      event->major_faults = process->major_faults;
      event->voluntary_switches = process->voluntary;
      event->involuntary_switches = process->involuntary;
    } else {
      event->user_ticks_ns = task->utime;
      event->system_ticks_ns = task->stime;
      event->runtime_ns = task->se.sum_exec_runtime;
      event->minor_faults = task->min_flt;
      event->major_faults = task->maj_flt;
      event->voluntary_switches = task->nvcsw;
      event->involuntary_switches = task->nivcsw;
    }
    __builtin_memcpy(event->comm, task->comm, sizeof event->comm);
    bpf_ringbuf_submit(event, last ? BPF_RB_FORCE_WAKEUP : wake_flags());
  } else {
    count(&drops.events);
  }
  if (last) end_process(tgid);
  return 0;
}
