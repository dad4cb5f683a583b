// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Samples of the processor: registers, stacks, stack bytes and the region tag, into the ring buffer.
#include "bpf_common.h"

#include "stacks.h"

SEC("perf_event")
int sgperf_sample(struct bpf_perf_event_data *context) {
  struct task_struct *task = bpf_get_current_task_btf();
  const u32 which = SCRATCH_SAMPLE;
  if (!in_tree((u32)task->tgid) || control.stopped) return 0;
  struct sample_scratch *scratch = bpf_map_lookup_elem(&sample_scratch, &which);
  if (!scratch) return 0;
  struct sgperf_event_sample *head = &scratch->head;
  const u64 ip = context->regs.ip;
  const bool kernel = (s64)ip < 0;
  bool user = 1;
  fill_header(&head->header, SGPERF_EVENT_SAMPLE, task);
  head->ip = ip;
  head->period = context->sample_period;
  head->kernel_count = head->user_count = head->leaf_bytes = head->chain_bytes = 0;
  head->number = 0;
  head->duration = 0;
  head->chain_address = 0;
  if (kernel)
    user = saved_registers(scratch);
  else
    copy_registers(head->regs, &context->regs);
  head->flags = (kernel ? SGPERF_SAMPLE_KERNEL : 0) | (user ? SGPERF_SAMPLE_USER : 0);
  const u64 tag = current_tag();
  head->tag.phase = (u32)tag;
  head->tag.site = (u32)(tag >> 32);

  u32 words = 0, bytes = 0;
  if (kernel && sample_kernel_stacks) {
    const long size = bpf_get_stack(context, scratch->tail, SGPERF_STACK_DEPTH * 8, 0);
    if (size > 0) words = (u32)size / 8;
    head->kernel_count = (u16)words;
  }
  if (user && sample_stacks) {
    const u64 broken =
        take_stacks(scratch, words, head->regs[SGPERF_REG_IP], head->regs[SGPERF_REG_BP], head->regs[SGPERF_REG_SP]);
    words += head->user_count;
    bytes = copy_user(scratch, words * 8, head->regs[SGPERF_REG_SP], SGPERF_LEAF_BYTES);
    head->leaf_bytes = (u16)bytes;
    if (broken && sample_chains) {
      head->chain_address = broken;
      const u32 chain = copy_user(scratch, words * 8 + bytes, broken, SGPERF_CHAIN_BYTES);
      head->chain_bytes = (u16)chain;
      bytes += chain;
    }
  }
  const u64 size = sizeof *head + words * 8 + bytes;
  if (size > sizeof *scratch || bpf_ringbuf_output(&ring, scratch, size, wake_flags()) != 0) count(&drops.samples);
  return 0;
}
