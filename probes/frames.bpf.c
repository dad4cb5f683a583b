// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Code that an engine publishes through libgcc's unwinder, in processes without our library: uprobes, the last resort.
//
// None of the code has run when it is published, but the guest's entry may be called half a millisecond later, and the
// loader needs that to find it and to set breakpoints.  So the thread is kept here until that is done, at most 50 ms:
// it spins, in a program that may sleep.  A kernel that preempts nothing by itself would not let the loader run on this
// processor meanwhile: so each round takes the lock of the address space, where the scheduler is asked.
#include "bpf_common.h"

#define MOST_NS 50000000

struct waiting {
  u32 sequence;
  u64 until, address;
};

static long wait_step(u32 unused, struct waiting *waiting) {
  u8 byte;
  bpf_copy_from_user_task(&byte, sizeof byte, (void *)waiting->address, bpf_get_current_task_btf(), 0);
  const s32 ahead = (s32)(*(volatile u32 *)&control.frames_answered - waiting->sequence);
  return ahead >= 0 || bpf_ktime_get_ns() >= waiting->until;
}

static __always_inline int tell(u64 eh_frame, u32 published) {
  struct task_struct *task = bpf_get_current_task_btf();
  if (!in_tree((u32)task->tgid) || control.stopped || !eh_frame) return 0;
  struct sgperf_event_frames *event = bpf_ringbuf_reserve(&ring, sizeof *event, 0);
  if (!event) {
    count(&drops.events);
    return 0;
  }
  struct waiting waiting;
  fill_header(&event->header, SGPERF_EVENT_FRAMES, task);
  waiting.sequence = __sync_fetch_and_add(&control.frames_told, 1) + 1;
  waiting.until = event->header.time + MOST_NS;
  waiting.address = eh_frame;
  event->eh_frame = eh_frame;
  event->published = published;
  event->sequence = waiting.sequence;
  bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
  if (published) bpf_loop(1 << 22, wait_step, &waiting, 0);
  return 0;
}

SEC("uprobe.s")
int sgperf_register(struct sgperf_pt_regs *regs) {
  return tell(regs->di, 1);
}

SEC("uprobe.s")
int sgperf_deregister(struct sgperf_pt_regs *regs) {
  return tell(regs->di, 0);
}
