/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Stacks and registers, for samples of the processor and of system calls.  The functions are global: the verifier looks
 * at each once. */
#ifndef SGPERF_PROBES_STACKS_H
#define SGPERF_PROBES_STACKS_H

#include "bpf_common.h"

/* An event is put together here, since a record of the ring buffer must have a size known beforehand. */
struct sample_scratch {
  struct sgperf_event_sample head;
  u8 tail[4 * 1024 + SGPERF_CHAIN_BYTES];
};
#define WORDS_MAX (2 * SGPERF_STACK_DEPTH) /* in tail, in front of the bytes */

/* Two of a processor: a sample can come in the middle of a system call's. */
enum { SCRATCH_SAMPLE, SCRATCH_SYSCALL, SCRATCHES };
struct sgperf_scratch_map {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, SCRATCHES);
  __type(key, u32);
  __type(value, struct sample_scratch);
};
extern struct sgperf_scratch_map sample_scratch SEC(".maps");

/* Set by the loader before it loads. */
extern const volatile u32 sample_stacks, sample_kernel_stacks, sample_chains;

/* As many bytes from `from` as can be read, up to a limit that is a power of two: whole, or to the end of its page. */
u32 copy_user(struct sample_scratch *scratch, u32 to, u64 from, u32 limit);
/* Kernel and user addresses into tail; where the chain of frame pointers broke, or 0. */
u64 take_stacks(struct sample_scratch *scratch, u32 kernel_words, u64 ip, u64 bp, u64 sp);
/* The tag of the thread that runs now: phase, and site << 32. */
u64 current_tag(void);
/* Registers of user space while the processor is in the kernel: as they were saved at the entry. */
int saved_registers(struct sample_scratch *scratch);

static __always_inline void copy_registers(u64 *out, const struct sgperf_pt_regs *regs) {
  out[SGPERF_REG_AX] = regs->ax, out[SGPERF_REG_BX] = regs->bx, out[SGPERF_REG_CX] = regs->cx;
  out[SGPERF_REG_DX] = regs->dx, out[SGPERF_REG_SI] = regs->si, out[SGPERF_REG_DI] = regs->di;
  out[SGPERF_REG_BP] = regs->bp, out[SGPERF_REG_SP] = regs->sp, out[SGPERF_REG_IP] = regs->ip;
  out[SGPERF_REG_FLAGS] = regs->flags, out[SGPERF_REG_CS] = regs->cs, out[SGPERF_REG_SS] = regs->ss;
  out[SGPERF_REG_R8] = regs->r8, out[SGPERF_REG_R9] = regs->r9, out[SGPERF_REG_R10] = regs->r10;
  out[SGPERF_REG_R11] = regs->r11, out[SGPERF_REG_R12] = regs->r12, out[SGPERF_REG_R13] = regs->r13;
  out[SGPERF_REG_R14] = regs->r14, out[SGPERF_REG_R15] = regs->r15;
}

#endif
