// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// What bench-syscalls compares with.  yardstick_*: accounting of one process's system calls written by hand for it and
// nothing else: count, time, errors, bytes and a log2 histogram by number, with task storage and a per-processor array.
// empty_*: the filter alone.
#include "probes/kernel_types.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

const volatile u32 target = 0;

struct call {
  u64 start;
  u32 number;
};
struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct call);
} calls SEC(".maps");

struct row {
  u64 count, total, errors, bytes;
  u64 histogram[32];
};
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 512);
  __type(key, u32);
  __type(value, struct row);
} rows SEC(".maps");

char _license[] SEC("license") = "GPL";

SEC("tp_btf/sys_enter")
int BPF_PROG(yardstick_enter, struct pt_regs *regs, long id) {
  struct task_struct *task = bpf_get_current_task_btf();
  if ((u32)task->tgid != target) return 0;
  struct call *call = bpf_task_storage_get(&calls, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (!call) return 0;
  call->number = (u32)id;
  call->start = bpf_ktime_get_ns();
  return 0;
}

static __always_inline u32 log2_of(u64 value) {
  u32 bucket = 0;
  if (value >> 16) value >>= 16, bucket += 16;
  if (value >> 8) value >>= 8, bucket += 8;
  if (value >> 4) value >>= 4, bucket += 4;
  if (value >> 2) value >>= 2, bucket += 2;
  if (value >> 1) bucket += 1;
  return bucket & 31;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(yardstick_exit, struct pt_regs *regs, long result) {
  struct task_struct *task = bpf_get_current_task_btf();
  if ((u32)task->tgid != target) return 0;
  struct call *call = bpf_task_storage_get(&calls, task, 0, 0);
  if (!call || !call->start) return 0;
  const u64 duration = bpf_ktime_get_ns() - call->start;
  const u32 number = call->number;
  call->start = 0;
  struct row *row = bpf_map_lookup_elem(&rows, &number);
  if (!row) return 0;
  row->count++;
  row->total += duration;
  row->histogram[log2_of(duration)]++;
  if (result < 0 && result >= -4095)
    row->errors++;
  else if (number <= 1) /* read, write */
    row->bytes += (u64)result;
  return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(empty_enter) {
  return (u32)bpf_get_current_task_btf()->tgid == target;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(empty_exit) {
  return (u32)bpf_get_current_task_btf()->tgid == target;
}
