// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Stacks and registers, for samples of the processor and of system calls.
#include "bpf_common.h"

#include "region.h"
#include "stacks.h"

struct sgperf_scratch_map sample_scratch SEC(".maps");
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
  u64 pointer;       /* of the frame to look at */
  u64 good;          /* the last one that was one; 0 = none */
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

__noinline u32 copy_user(struct sample_scratch *scratch, u32 to, u64 from, u32 limit) {
  if (!scratch || to > WORDS_MAX * 8 + SGPERF_LEAF_BYTES || limit > SGPERF_CHAIN_BYTES) return 0;
  u8 *bytes = &scratch->tail[to];
  if (bpf_probe_read_user(bytes, limit, (void *)from) == 0) return limit;
  const u32 rest = (4096 - (u32)(from & 4095)) & 0xff8;
  if (!rest || rest >= limit || bpf_probe_read_user(bytes, rest, (void *)from) != 0) return 0;
  return rest;
}

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

__noinline int saved_registers(struct sample_scratch *scratch) {
  struct sgperf_pt_regs regs;
  if (!scratch || bpf_probe_read_kernel(&regs, sizeof regs, (void *)bpf_task_pt_regs(bpf_get_current_task_btf())) != 0)
    return 0;
  copy_registers(scratch->head.regs, &regs);
  return (s64)regs.ip > 0;
}
