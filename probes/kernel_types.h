/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The kernel's types as far as the programs read them.  Offsets and sizes are not these: the loader takes them from the
 * running kernel (CO-RE, preserve_access_index), so the build needs no description of a kernel's types. */
#ifndef SGPERF_PROBES_KERNEL_TYPES_H
#define SGPERF_PROBES_KERNEL_TYPES_H

typedef unsigned char u8, __u8, uint8_t;
typedef signed char s8, __s8;
typedef unsigned short u16, __u16, uint16_t, __be16;
typedef short s16, __s16;
typedef unsigned int u32, __u32, uint32_t, __be32, __wsum;
typedef int s32, __s32, int32_t;
typedef unsigned long long u64, __u64, uint64_t;
typedef long long s64, __s64, int64_t;
typedef _Bool bool;

/* include/uapi/linux/bpf.h */
enum {
  BPF_ANY = 0,
  BPF_NOEXIST = 1,
};
enum { BPF_F_NO_PREALLOC = 1, BPF_F_MMAPABLE = 1024 };
enum { BPF_LOCAL_STORAGE_GET_F_CREATE = 1 };
enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2 };
enum { BPF_RB_AVAIL_DATA = 0 };
enum bpf_map_type {
  BPF_MAP_TYPE_HASH = 1,
  BPF_MAP_TYPE_ARRAY = 2,
  BPF_MAP_TYPE_PERCPU_ARRAY = 6,
  BPF_MAP_TYPE_QUEUE = 22,
  BPF_MAP_TYPE_RINGBUF = 27,
  BPF_MAP_TYPE_TASK_STORAGE = 29,
};

struct bpf_raw_tracepoint_args {
  u64 args[0];
};

/* arch/x86/include/uapi/asm/ptrace.h; the same as the kernel's own struct pt_regs on x86-64. */
struct sgperf_pt_regs {
  u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss;
};

/* include/uapi/linux/bpf_perf_event.h */
struct bpf_perf_event_data {
  struct sgperf_pt_regs regs;
  u64 sample_period;
  u64 addr;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
  int counter;
} atomic_t;

struct thread_info {
  u32 status;
};
struct thread_struct {
  unsigned long fsbase;
};
struct sched_entity {
  u64 sum_exec_runtime;
};
struct mm_struct {
  unsigned long start_stack;
};
struct signal_struct {
  atomic_t live;
  int group_exit_code;
  unsigned int flags;
  unsigned long maxrss;
};
struct task_struct {
  struct thread_info thread_info;
  unsigned int flags;
  struct sched_entity se;
  struct mm_struct *mm;
  int exit_code;
  int pid, tgid;
  struct task_struct *group_leader;
  u64 utime, stime;
  unsigned long nvcsw, nivcsw, min_flt, maj_flt;
  char comm[16];
  struct signal_struct *signal;
  int pagefault_disabled;
  struct thread_struct thread;
};
struct linux_binprm {
  const char *filename;
};
struct pt_regs;

#pragma clang attribute pop

#endif
