// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Samples of the processor: registers, stacks, stack bytes and the region tag, into the ring buffer.
#include "bpf_common.h"

#include "region.h"

/* Put together here, since a record of the ring buffer must have a size known beforehand. */
struct sample_scratch {
  struct sgperf_event_sample head;
  u8 tail[4 * 1024 + SGPERF_CHAIN_BYTES];
};
#define WORDS_MAX (2 * SGPERF_STACK_DEPTH) /* in tail, in front of the bytes */

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct sample_scratch);
} sample_scratch SEC(".maps");

/* Set by the loader before it loads. */
const volatile u32 sample_stacks = 1;
const volatile u32 sample_kernel_stacks = 1;
const volatile u32 sample_chains = 1;

struct frame {
  u64 next;     /* the caller's frame pointer, as saved */
  u64 returned; /* address that it returns to */
};

/* A walk along the frame pointers. */
struct walk {
  struct sample_scratch *scratch;
  u64 pointer;    /* of the frame to look at */
  u64 good;       /* the last one that was one; 0 = none */
  u32 words, frames; /* in tail; of user space */
  u32 jumps;
  u32 complete;
};

#define USER_END 0x7ffffffff000ull
#define JUMP 65536

static long step(u32 index, struct walk *walk) {
  struct frame frame;
  const u64 at = walk->pointer;
  if (at & 7 || at < 4096 || at > USER_END || bpf_probe_read_user(&frame, sizeof frame, (void *)at) != 0) return 1;
  if (frame.returned < 4096 || frame.returned > USER_END) {
    /* The ABI marks the outermost frame with a frame pointer of 0; some start code clears the return address too. */
    walk->complete = !frame.next && !frame.returned;
    return 1;
  }
  walk->good = at;
  const u32 word = walk->words;
  if (word >= WORDS_MAX) return 1;
  *(u64 *)&walk->scratch->tail[word * 8] = frame.returned;
  walk->words = word + 1;
  walk->frames++;
  if (!frame.next) {
    walk->complete = 1;
    return 1;
  }
  /* Stacks grow down, so a caller's frame is further up; a backward step is another stack (a fiber), or no frame. */
  if (frame.next <= at && (at - frame.next < JUMP || ++walk->jumps > 4)) return 1;
  walk->pointer = frame.next;
  return 0;
}

/* As many bytes from `from` as can be read, up to a limit that is a power of two: whole, or to the end of its page. */
__noinline u32 copy_user(struct sample_scratch *scratch, u32 to, u64 from, u32 limit) {
  if (!scratch || to > WORDS_MAX * 8 + SGPERF_LEAF_BYTES || limit > SGPERF_CHAIN_BYTES) return 0;
  u8 *bytes = &scratch->tail[to];
  if (bpf_probe_read_user(bytes, limit, (void *)from) == 0) return limit;
  const u32 rest = (4096 - (u32)(from & 4095)) & 0xff8;
  if (!rest || rest >= limit || bpf_probe_read_user(bytes, rest, (void *)from) != 0) return 0;
  return rest;
}

/* Kernel and user addresses into tail; where the chain of frame pointers broke, or 0. */
__noinline u64 take_stacks(struct sample_scratch *scratch, u32 kernel_words, u64 ip, u64 bp, u64 sp) {
  if (!scratch || kernel_words > SGPERF_STACK_DEPTH) return 0;
  struct walk walk = {};
  walk.scratch = scratch;
  walk.words = kernel_words + 1;
  walk.frames = 1;
  walk.pointer = bp;
  *(u64 *)&scratch->tail[kernel_words * 8] = ip;
  bpf_loop(SGPERF_STACK_DEPTH - 1, step, &walk, 0);
  scratch->head.user_count = (u16)walk.frames;
  if (walk.complete) {
    scratch->head.flags |= SGPERF_SAMPLE_COMPLETE;
  } else if (walk.frames >= SGPERF_STACK_DEPTH) {
    scratch->head.flags |= SGPERF_SAMPLE_CUT;
  } else {
    return walk.good ? walk.good : sp;
  }
  return 0;
}

__noinline u64 current_tag(void) {
  struct task_struct *task = bpf_get_current_task_btf();
  const struct sgperf_event_tag tag = find_tag(task, (u32)task->tgid);
  return (u64)tag.site << 32 | tag.phase;
}

static __always_inline void copy_registers(u64 *out, const struct sgperf_pt_regs *regs) {
  out[SGPERF_REG_AX] = regs->ax, out[SGPERF_REG_BX] = regs->bx, out[SGPERF_REG_CX] = regs->cx;
  out[SGPERF_REG_DX] = regs->dx, out[SGPERF_REG_SI] = regs->si, out[SGPERF_REG_DI] = regs->di;
  out[SGPERF_REG_BP] = regs->bp, out[SGPERF_REG_SP] = regs->sp, out[SGPERF_REG_IP] = regs->ip;
  out[SGPERF_REG_FLAGS] = regs->flags, out[SGPERF_REG_CS] = regs->cs, out[SGPERF_REG_SS] = regs->ss;
  out[SGPERF_REG_R8] = regs->r8, out[SGPERF_REG_R9] = regs->r9, out[SGPERF_REG_R10] = regs->r10;
  out[SGPERF_REG_R11] = regs->r11, out[SGPERF_REG_R12] = regs->r12, out[SGPERF_REG_R13] = regs->r13;
  out[SGPERF_REG_R14] = regs->r14, out[SGPERF_REG_R15] = regs->r15;
}

/* Registers of user space when the sample is of the kernel: as they were saved at the entry. */
__noinline int saved_registers(struct sample_scratch *scratch) {
  struct sgperf_pt_regs regs;
  if (!scratch || bpf_probe_read_kernel(&regs, sizeof regs, (void *)bpf_task_pt_regs(bpf_get_current_task_btf())) != 0)
    return 0;
  copy_registers(scratch->head.regs, &regs);
  return (s64)regs.ip > 0;
}

SEC("perf_event")
int sgperf_sample(struct bpf_perf_event_data *context) {
  struct task_struct *task = bpf_get_current_task_btf();
  const u32 zero = 0;
  if (!in_tree((u32)task->tgid) || control.stopped) return 0;
  struct sample_scratch *scratch = bpf_map_lookup_elem(&sample_scratch, &zero);
  if (!scratch) return 0;
  struct sgperf_event_sample *head = &scratch->head;
  const u64 ip = context->regs.ip;
  const bool kernel = (s64)ip < 0;
  bool user = 1;
  fill_header(&head->header, SGPERF_EVENT_SAMPLE, task);
  head->ip = ip;
  head->period = context->sample_period;
  head->kernel_count = head->user_count = head->leaf_bytes = head->chain_bytes = 0;
  head->pad = 0;
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
    const u64 broken = take_stacks(scratch, words, head->regs[SGPERF_REG_IP], head->regs[SGPERF_REG_BP],
                                   head->regs[SGPERF_REG_SP]);
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
