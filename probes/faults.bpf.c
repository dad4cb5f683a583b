// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Page faults of the tree, by thread, phase and scope.
#include "bpf_common.h"

#include "region.h"
#include "row_find.h"

#include <bpf/bpf_tracing.h>

/* The tracepoint comes before the fault is handled, so whether it was a major one is seen at the thread's next fault
 * (or its end, tree.bpf.c), by the thread's own counter. */
static __always_inline int count_fault(struct task_struct *task, bool user) {
  struct sgperf_thread *thread = bpf_task_storage_get(&threads, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (!thread) {
    count(&drops.tasks);
    return 0;
  }
  const u64 major = task->maj_flt;
  if (thread->fault_row && major != thread->major_faults) {
    struct sgperf_sum_row *last = row_at(thread->fault_row);
    if (last) last->max_ns += major - thread->major_faults;
  }
  thread->major_faults = major;
  thread->fault_row = 0;
  const struct sgperf_event_tag tag = thread_tag(task, thread);
  struct sgperf_sum_row *row = thread->ended ? 0 : thread_row(thread, tag, SGPERF_NUMBER_FAULTS);
  if (row) {
    if (user)
      row->count++;
    else
      row->errors++;
    thread->fault_row = row->index;
    return 0;
  }
  const u32 number = SGPERF_NUMBER_FAULTS;
  count(&drops.row_calls);
  row = bpf_map_lookup_elem(&row_overflow, &number);
  if (row) __sync_fetch_and_add(user ? &row->count : &row->errors, 1);
  return 0;
}

SEC("raw_tp/page_fault_user")
int BPF_PROG(sgperf_fault_user) {
  struct task_struct *task = bpf_get_current_task_btf();
  return in_tree((u32)task->tgid) ? count_fault(task, 1) : 0;
}

SEC("raw_tp/page_fault_kernel")
int BPF_PROG(sgperf_fault_kernel, unsigned long address) {
  struct task_struct *task = bpf_get_current_task_btf();
  if (!in_tree((u32)task->tgid) || (long)address < 0) return 0;
  /* Faults are off: the kernel looks whether memory is there, as these programs do.  Nothing is brought in. */
  if (task->pagefault_disabled) return 0;
  return count_fault(task, 0);
}
