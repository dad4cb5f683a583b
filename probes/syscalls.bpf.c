// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// System calls of the tree: how many, how long, errors, bytes, a histogram; by thread, phase and scope.
//
// What a call costs here: the bit in `tree`, the thread's storage, the clock, one read of user memory (none without a
// session), and at the return storage, clock and one row.  Key and row are looked up when a thread first makes this
// call in this scope.
#include "bpf_common.h"

#include "libsgperf/mark_layout.h"
#include "region.h"
#include "row_find.h"
#include "stacks.h"
#include "syscall_bytes.h"

#include <bpf/bpf_tracing.h>

/* arch/x86/include/asm/thread_info.h: the call came through the 32-bit entry */
#define TS_COMPAT 2

#define NUMBER_MMAP 9
#define NUMBER_IOCTL 16
#define NUMBER_RT_SIGRETURN 15
#define NUMBER_WRITEV 20
#define NUMBER_CLOCK_NANOSLEEP 230
#define CLOCK_MONOTONIC 1 /* include/uapi/linux/time.h */

static __always_inline u32 number_of(long id, u32 status) {
  u32 number = (u32)id;
  if (unlikely(number > SGPERF_NUMBER_ODD)) number = SGPERF_NUMBER_ODD;
  if (unlikely(status & TS_COMPAT)) number += SGPERF_NUMBER_COMPAT;
  return number;
}

/* When the task that is on this processor came there. */
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, u64);
} came_at SEC(".maps");

/* The head of sgperf_knock (libsgperf/session_layout.h). */
struct knock {
  u32 size, kind, sequence, rsv;
  u64 time, entry, normal_return, unwind_return;
};

/* ioctl(-1, SGPERF_KNOCK_REQUEST, &knock).  What the loader does of it takes its time; a phase is given at once. */
__noinline int hear_knock(u64 regs) {
  struct task_struct *task = bpf_get_current_task_btf();
  struct sgperf_pt_regs args;
  struct knock knock;
  if (bpf_probe_read_kernel(&args, sizeof args, (void *)regs) != 0) return 0;
  if ((u32)args.si != SGPERF_KNOCK_REQUEST_NUMBER || (int)args.di != -1) return 0;
  if (bpf_probe_read_user(&knock, sizeof knock, (void *)args.dx) != 0 || knock.size < sizeof knock) return 0;
  if (knock.kind == SGPERF_KNOCK_KIND_GONE) give_phase((u32)task->tgid, SGPERF_GIVEN_TEARDOWN);
  struct sgperf_event_knock *event = bpf_ringbuf_reserve(&ring, sizeof *event, 0);
  if (!event) {
    count(&drops.events);
    return 0;
  }
  fill_header(&event->header, SGPERF_EVENT_KNOCK, task);
  event->kind = knock.kind;
  event->sequence = knock.sequence;
  event->entry = knock.entry;
  event->normal_return = knock.normal_return;
  event->unwind_return = knock.unwind_return;
  bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
  return 0;
}

static __always_inline int tell_mark(struct task_struct *task, u32 role) {
  struct sgperf_event_hit *event = bpf_ringbuf_reserve(&ring, sizeof *event, 0);
  if (!event) {
    count(&drops.events);
    return 0;
  }
  fill_header(&event->header, SGPERF_EVENT_HIT, task);
  event->role = role;
  event->pad = 0;
  event->address = 0;
  bpf_ringbuf_submit(event, wake_flags());
  return 0;
}

/* The phase of the process around its bench region; within a region a second start changes nothing. */
__noinline int begin_bench(void) {
  struct task_struct *task = bpf_get_current_task_btf();
  const u32 tgid = (u32)task->tgid;
  u32 bench = SGPERF_GIVEN_BENCH | SGPERF_PHASE_GIVEN;
  struct sgperf_process *process = bpf_map_lookup_elem(&processes, &tgid);
  u32 *given = bpf_map_lookup_elem(&given_phases, &tgid);
  if (!process) return 0;
  if (!given) {
    process->before_bench = 0;
    if (bpf_map_update_elem(&given_phases, &tgid, &bench, BPF_ANY) != 0) count(&drops.processes);
  } else if (*given != bench) {
    process->before_bench = *given;
    *given = bench;
  }
  __sync_fetch_and_add(&control.generation, 1);
  return tell_mark(task, SGPERF_HIT_ROLE_BENCH_START);
}

__noinline int end_bench(void) {
  struct task_struct *task = bpf_get_current_task_btf();
  const u32 tgid = (u32)task->tgid;
  struct sgperf_process *process = bpf_map_lookup_elem(&processes, &tgid);
  u32 *given = bpf_map_lookup_elem(&given_phases, &tgid);
  if (process && given && *given == (SGPERF_GIVEN_BENCH | SGPERF_PHASE_GIVEN)) {
    *given = process->before_bench;
    __sync_fetch_and_add(&control.generation, 1);
  }
  return tell_mark(task, SGPERF_HIT_ROLE_BENCH_END);
}

/* bench.start and bench.end as system calls, of a process without our library (which keeps them from the kernel).  The
 * region begins when the first one returns, since a mark that sleeps takes 70 us, and ends when the second is made. */
__noinline int hear_mark(struct sgperf_thread *thread, u64 regs, u32 number) {
  struct sgperf_pt_regs args;
  if (!thread || bpf_probe_read_kernel(&args, sizeof args, (void *)regs) != 0) return 0;
  u64 mark;
  if (number == NUMBER_CLOCK_NANOSLEEP) {
    u64 time[2];
    if ((u32)args.di != CLOCK_MONOTONIC || (u32)args.si != 0) return 0;
    if (bpf_probe_read_user(time, sizeof time, (void *)args.dx) != 0 || time[0] != 0) return 0;
    mark = time[1] == SGPERF_MARK_START_NS ? SGPERF_MARK_START : time[1] == SGPERF_MARK_END_NS ? SGPERF_MARK_END : 0;
  } else {
    u64 v[2 * SGPERF_MARK_BUFFERS]; /* struct iovec */
    if (args.dx != SGPERF_MARK_BUFFERS) return 0;
    if (bpf_probe_read_user(v, sizeof v, (void *)args.si) != 0 || (v[1] | v[3] | v[5])) return 0;
    if (v[2] - v[0] != SGPERF_MARK_COMMON) return 0;
    mark = v[4] - v[2];
  }
  if (mark == SGPERF_MARK_START) thread->marked = 1;
  if (mark == SGPERF_MARK_END) end_bench();
  return 0;
}

SEC("raw_tp/sys_enter")
int BPF_PROG(sgperf_sys_enter, struct pt_regs *regs, long id) {
  struct task_struct *task = bpf_get_current_task_btf();
  if (likely(!in_tree((u32)task->tgid))) return 0;
  struct sgperf_thread *thread = bpf_task_storage_get(&threads, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (unlikely(!thread)) {
    count(&drops.tasks);
    return 0;
  }
  thread->number = number_of(id, task->thread_info.status);
  thread->tag = thread_tag(task, thread);
  thread->blocked = 0;
  thread->entered = bpf_ktime_get_ns();
  if (unlikely(thread->number == NUMBER_IOCTL)) hear_knock((u64)regs);
  if (unlikely(thread->number == NUMBER_WRITEV || thread->number == NUMBER_CLOCK_NANOSLEEP))
    hear_mark(thread, (u64)regs, thread->number);
  return 0;
}

/* Without branches, which are mispredicted; and a function, so that the verifier follows no value into an index. */
__noinline u32 log2_bucket(u64 value) {
  u64 bucket, more;
  value &= ~(1ull << 63);
  bucket = ((0xffffffffull - value) >> 63) << 5, value >>= bucket;
  more = ((0xffffull - value) >> 63) << 4, value >>= more, bucket += more;
  more = ((0xffull - value) >> 63) << 3, value >>= more, bucket += more;
  more = ((0xfull - value) >> 63) << 2, value >>= more, bucket += more;
  more = ((0x3ull - value) >> 63) << 1, value >>= more, bucket += more;
  bucket += (0x1ull - value) >> 63;
  return bucket < SGPERF_BUCKETS ? (u32)bucket : SGPERF_BUCKETS - 1;
}

__noinline int add_errno(struct sgperf_sum_row *row, u64 error) {
  if (!row) return 0;
  for (int i = 0; i < SGPERF_ERRNO_SLOTS; i++) {
    const u64 slot = row->errnos[i];
    if (slot && slot >> SGPERF_ERRNO_SHIFT != error) continue;
    row->errnos[i] = (slot ? slot : error << SGPERF_ERRNO_SHIFT) + 1;
    return 0;
  }
  count(&drops.errnos);
  return 0;
}

/* Rows of all threads: atomic. */
__noinline int count_in_overflow(u64 duration, u64 blocked, long result, u32 number) {
  struct sgperf_sum_row *row = bpf_map_lookup_elem(&row_overflow, &number);
  count(&drops.row_calls);
  if (!row) return 0;
  __sync_fetch_and_add(&row->count, 1);
  __sync_fetch_and_add(&row->total_ns, duration);
  __sync_fetch_and_add(&row->blocked_ns, blocked);
  const u32 bucket = log2_bucket(duration);
  if (bucket < SGPERF_BUCKETS) __sync_fetch_and_add(&row->histogram[bucket], 1);
  if (duration > row->max_ns) row->max_ns = duration; /* of two at once, one may win */
  if (result < 0 && result >= -4095) {
    __sync_fetch_and_add(&row->errors, 1);
    count(&drops.errnos);
  } else if (result > 0 && number < SGPERF_NUMBER_COMPAT) {
    const u8 moves = sgperf_moves[number];
    if (moves & SGPERF_MOVES_IN) __sync_fetch_and_add(&row->bytes_in, (u64)result);
    if (moves & SGPERF_MOVES_OUT) __sync_fetch_and_add(&row->bytes_out, (u64)result);
  }
  return 0;
}

/* A session file is a shared, writable mapping of a file from its start; its header is filled in before the next system
 * call or the one after it. */
__noinline int note_mapping(struct sgperf_thread *thread, u64 regs, u64 address) {
  struct sgperf_pt_regs args;
  if (!thread || bpf_probe_read_kernel(&args, sizeof args, (void *)regs) != 0) return 0;
  const u64 prot = args.dx, flags = args.r10, offset = args.r9;
  if (prot != 3 || (flags & 3) != 1 || (int)args.r8 < 0 || offset != 0) return 0;
  thread->candidate = address;
  thread->tries = 64;
  return 0;
}

__noinline int try_candidate(struct sgperf_thread *thread) {
  struct task_struct *task = bpf_get_current_task_btf();
  if (!thread) return 0;
  struct sgperf_process_session session = {};
  u64 magic = 0;
  session.header = thread->candidate;
  if (--thread->tries == 0) thread->candidate = 0;
  if (bpf_probe_read_user(&magic, 8, (void *)session.header) != 0 || magic != SGPERF_HEADER_MAGIC) return 0;
  if (bpf_probe_read_user(&session.tls_offset, 8, (void *)(session.header + SGPERF_HEADER_TLS_OFFSET)) != 0 ||
      !session.tls_offset)
    return 0;
  thread->candidate = 0;
  const u32 tgid = (u32)task->tgid;
  if (bpf_map_update_elem(&sessions, &tgid, &session, BPF_ANY) != 0) {
    count(&drops.processes);
    return 0;
  }
  __sync_fetch_and_add(&control.generation, 1);
  struct sgperf_event_session *event = bpf_ringbuf_reserve(&ring, sizeof *event, 0);
  if (!event) {
    count(&drops.events);
    return 0;
  }
  fill_header(&event->header, SGPERF_EVENT_SESSION, task);
  event->address = session.header;
  event->tls_offset = session.tls_offset;
  bpf_ringbuf_submit(event, wake_flags());
  return 0;
}

/* Set by the loader before it loads: one call of so many is told with its stack; 0 = none. */
const volatile u32 syscall_sample_rate = 0;

/* The stack pointer's 4 KiB are always there: in code without frame pointers (libc) the chain is of no use, and a
 * reader searches them for return addresses. */
__noinline int sample_call(u64 tag, u64 duration, u32 number) {
  struct task_struct *task = bpf_get_current_task_btf();
  const u32 which = SCRATCH_SYSCALL;
  struct sample_scratch *scratch = bpf_map_lookup_elem(&sample_scratch, &which);
  if (!scratch) return 0;
  struct sgperf_event_sample *head = &scratch->head;
  fill_header(&head->header, SGPERF_EVENT_SYSCALL, task);
  if (!saved_registers(scratch)) return 0;
  head->ip = head->regs[SGPERF_REG_IP];
  head->period = syscall_sample_rate;
  head->tag.phase = (u32)tag;
  head->tag.site = (u32)(tag >> 32);
  head->flags = SGPERF_SAMPLE_USER;
  head->kernel_count = head->user_count = 0;
  head->number = number;
  head->duration = duration;
  const u64 sp = head->regs[SGPERF_REG_SP];
  take_stacks(scratch, 0, head->ip, head->regs[SGPERF_REG_BP], sp);
  const u32 words = head->user_count;
  head->leaf_bytes = 0;
  head->chain_address = sp;
  const u32 bytes = copy_user(scratch, words * 8, sp, SGPERF_CHAIN_BYTES);
  head->chain_bytes = (u16)bytes;
  const u64 size = sizeof *head + words * 8 + bytes;
  if (size > sizeof *scratch || bpf_ringbuf_output(&ring, scratch, size, wake_flags()) != 0) count(&drops.samples);
  return 0;
}

SEC("raw_tp/sys_exit")
int BPF_PROG(sgperf_sys_exit, struct pt_regs *regs, long result) {
  struct task_struct *task = bpf_get_current_task_btf();
  if (likely(!in_tree((u32)task->tgid))) return 0;
  struct sgperf_thread *thread = bpf_task_storage_get(&threads, task, 0, 0);
  if (unlikely(!thread)) return 0; /* the first return of a new thread or process, or the end of an earlier call */
  const u64 entered = thread->entered;
  if (unlikely(!entered)) {
    count(&drops.unmatched);
    return 0;
  }
  const u64 duration = bpf_ktime_get_ns() - entered;
  u64 blocked = 0;
  if (unlikely(thread->left)) {
    const u32 zero = 0;
    const u64 *came = bpf_map_lookup_elem(&came_at, &zero);
    blocked = thread->blocked + (came ? *came - thread->left : 0);
    thread->left = 0;
  }
  const u32 number = thread->number;
  thread->entered = 0;
  if (unlikely(number == NUMBER_RT_SIGRETURN)) result = 0; /* what the interrupted code had in the register */
  struct sgperf_sum_row *row = thread_row(thread, thread->tag, number);
  if (likely(row != 0)) {
    row->count++;
    row->total_ns += duration;
    if (unlikely(blocked)) row->blocked_ns += blocked;
    if (unlikely(duration > row->max_ns)) row->max_ns = duration;
    const u32 bucket = log2_bucket(duration);
    if (likely(bucket < SGPERF_BUCKETS)) row->histogram[bucket]++;
    if (result < 0) {
      if (result >= -4095) {
        row->errors++;
        add_errno(row, (u64)-result);
      }
    } else if (number < SGPERF_NUMBER_COMPAT) {
      const u64 moves = sgperf_moves[number];
      row->bytes_in += (u64)result & -(moves & 1);
      row->bytes_out += (u64)result & -(moves >> 1);
    }
  } else {
    count_in_overflow(duration, blocked, result, number);
  }
  if (syscall_sample_rate && thread->until_sample-- == 0) {
    /* Not every so many-th: a loop of calls would always show the same one. */
    thread->until_sample = bpf_get_prandom_u32() % (2 * syscall_sample_rate - 1);
    sample_call((u64)thread->tag.site << 32 | thread->tag.phase, duration, number);
  }
  if (unlikely(thread->candidate != 0)) try_candidate(thread);
  if (unlikely(thread->marked)) {
    thread->marked = 0;
    begin_bench();
  }
  if (unlikely(number == NUMBER_MMAP) && result > 0) note_mapping(thread, (u64)regs, (u64)result);
  return 0;
}

/* Time off the processor within a call.  The task that leaves is the current one, whose storage is at hand; when the
 * one that comes last came is kept for the processor, which is where its call will end or be left again. */
SEC("raw_tp/sched_switch")
int BPF_PROG(sgperf_switch, bool preempt, struct task_struct *previous_argument, struct task_struct *next) {
  struct task_struct *previous = bpf_get_current_task_btf();
  const bool leaves = in_tree((u32)previous->tgid);
  if (!leaves && !in_tree((u32)BPF_CORE_READ(next, tgid))) return 0;
  const u32 zero = 0;
  u64 *came = bpf_map_lookup_elem(&came_at, &zero);
  if (!came) return 0;
  const u64 now = bpf_ktime_get_ns();
  if (leaves) {
    struct sgperf_thread *thread = bpf_task_storage_get(&threads, previous, 0, 0);
    if (thread && thread->entered) {
      if (thread->left) thread->blocked += *came - thread->left;
      thread->left = now;
    }
  }
  *came = now;
  return 0;
}
