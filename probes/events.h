/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What the programs in the kernel and the loader say to each other through the ring buffer.  Plain C, fixed-width, the
 * same bytes on both sides; the version of both is one build, so nothing here is stored in a file.
 *
 * Times are bpf_ktime_get_ns(), which is CLOCK_MONOTONIC in ns.  Process and thread ids are those of the first pid
 * namespace.  A record's size is that of the ring buffer, not a member. */
#ifndef SGPERF_PROBES_EVENTS_H
#define SGPERF_PROBES_EVENTS_H

#ifdef __bpf__
#include "kernel_types.h"
#else
#include <stdint.h>
#endif

enum sgperf_event_kind {
  SGPERF_EVENT_FORK = 1,    /* sgperf_event_fork */
  SGPERF_EVENT_EXEC = 2,    /* sgperf_event_exec */
  SGPERF_EVENT_EXIT = 3,    /* sgperf_event_exit: a thread, or with its last thread the process */
  SGPERF_EVENT_SAMPLE = 4,  /* sgperf_event_sample */
  SGPERF_EVENT_SESSION = 5, /* sgperf_event_session */
  SGPERF_EVENT_ASKS = 6,    /* sgperf_event_asks (for the loader) */
  SGPERF_EVENT_SYSCALL = 7, /* sgperf_event_sample, at the return from one system call of many */
  SGPERF_EVENT_KNOCK = 8,   /* sgperf_event_knock (for the loader) */
  SGPERF_EVENT_HIT = 9,     /* sgperf_event_hit */
  SGPERF_EVENT_FRAMES = 10, /* sgperf_event_frames */
};

struct sgperf_event_header {
  uint32_t kind;
  uint32_t cpu;
  uint64_t time;
  uint32_t pid, tid; /* of the task it is about; of a fork: the new one */
};

/* Phase and innermost scope of a thread, as in the session of its process: indices of sgperf_site_record.  Phases that
 * Probes::set_phase() gave, and those of breakpoints (SGPERF_GIVEN_*), have SGPERF_PHASE_GIVEN set. */
struct sgperf_event_tag {
  uint32_t phase, site;
};
#define SGPERF_PHASE_GIVEN 0x80000000u
/* By breakpoints on a guest's entry and its returns, by what libgcc is told and by marks; the numbers of
 * record::GivenPhase. */
enum {
  SGPERF_GIVEN_INSTANTIATE = 1,
  SGPERF_GIVEN_EXECUTE = 2,
  SGPERF_GIVEN_TEARDOWN = 3,
  SGPERF_GIVEN_RUNNING = 4, /* instantiate and execute: the entry is not known */
  SGPERF_GIVEN_BENCH = 5,   /* between the marks of a benchmark */
};

/* A new process (parent_pid != header.pid) or a new thread. */
struct sgperf_event_fork {
  struct sgperf_event_header header;
  uint32_t parent_pid, parent_tid;
  char comm[16];
};

#define SGPERF_PATH_MAX 1024
struct sgperf_event_exec {
  struct sgperf_event_header header;
  uint32_t old_tid;     /* of the thread that called exec; header.tid is the process's from now on */
  uint32_t path_length; /* bytes of `path` without its NUL, cut at SGPERF_PATH_MAX - 1 */
  char comm[16];
  char path[SGPERF_PATH_MAX]; /* as it was given to exec, NUL-terminated; the record ends behind the NUL */
};

struct sgperf_event_exit {
  struct sgperf_event_header header;
  uint32_t process; /* 1: the last thread, so the process has ended and all below is the process's; 0: the thread's */
  int32_t status;   /* as wait(2) gives it */
  uint32_t rows;    /* first row of the thread's sums, 0 = none (for the loader) */
  uint32_t pad;
  uint64_t user_ticks_ns, system_ticks_ns; /* as the timer tick saw it */
  uint64_t runtime_ns;                     /* time on a processor, exact but for the last slice (at most a tick) */
  uint64_t max_rss;                        /* bytes; of the process, also in a thread's event */
  uint64_t minor_faults, major_faults;
  uint64_t voluntary_switches, involuntary_switches;
  char comm[16];
};

/* A process has mapped its session file. */
struct sgperf_event_session {
  struct sgperf_event_header header;
  uint64_t address; /* of sgperf_session_header, in the process */
  int64_t tls_offset;
};

/* A thread with a session would be read faster with the loader's help (sgperf_lent_pages). */
struct sgperf_event_asks {
  struct sgperf_event_header header;
  uint64_t header_address, block_address; /* in the process; block_address 0: it has none yet */
};

/* A process with our library in it has published code, or its last code goes away: sgperf_knock of
 * libsgperf/session_layout.h. */
struct sgperf_event_knock {
  struct sgperf_event_header header;
  uint32_t kind, sequence;
  uint64_t entry, normal_return, unwind_return;
};

/* A thread executed an instruction with a breakpoint of Breakpoints (breakpoints.h), or made a mark of a benchmark. */
struct sgperf_event_hit {
  struct sgperf_event_header header;
  uint32_t role; /* SGPERF_HIT_* of libsgperf/session_layout.h, SGPERF_HIT_ROLE_BENCH_* */
  uint32_t pad;
  uint64_t address; /* 0 of a mark */
};

/* __register_frame() or __deregister_frame() was called: seen by a uprobe in the library of the process that has them.
 */
struct sgperf_event_frames {
  struct sgperf_event_header header;
  uint64_t eh_frame;
  uint32_t published; /* 0: it goes away */
  uint32_t sequence;  /* the loader stores it in sgperf_control.frames_answered */
};

/* The general registers in the order of PERF_SAMPLE_REGS_USER: by bit number, without DS, ES, FS and GS. */
enum sgperf_register {
  SGPERF_REG_AX,
  SGPERF_REG_BX,
  SGPERF_REG_CX,
  SGPERF_REG_DX,
  SGPERF_REG_SI,
  SGPERF_REG_DI,
  SGPERF_REG_BP,
  SGPERF_REG_SP,
  SGPERF_REG_IP,
  SGPERF_REG_FLAGS,
  SGPERF_REG_CS,
  SGPERF_REG_SS,
  SGPERF_REG_R8,
  SGPERF_REG_R9,
  SGPERF_REG_R10,
  SGPERF_REG_R11,
  SGPERF_REG_R12,
  SGPERF_REG_R13,
  SGPERF_REG_R14,
  SGPERF_REG_R15,
  SGPERF_REGS,
};
/* The mask for perf_event_attr.sample_regs_user that stands for these registers. */
#define SGPERF_REGS_MASK 0xff0fffull

#define SGPERF_STACK_DEPTH 127  /* frames, kernel and user each; as perf's default */
#define SGPERF_LEAF_BYTES 64    /* at the stack pointer: for the repair of a leaf's caller */
#define SGPERF_CHAIN_BYTES 4096 /* at most, where the chain of frame pointers broke */

enum {
  SGPERF_SAMPLE_KERNEL = 1,   /* the processor was in the kernel; `ip` is a kernel address */
  SGPERF_SAMPLE_USER = 2,     /* registers are those of user space; clear for kernel threads */
  SGPERF_SAMPLE_COMPLETE = 4, /* the chain of frame pointers ended with the thread's start (a saved 0) */
  SGPERF_SAMPLE_CUT = 8,      /* the chain is longer than SGPERF_STACK_DEPTH */
};

/* Followed, without gaps, by: u64 kernel[kernel_count]; u64 user[user_count]; u8 leaf[leaf_bytes]; u8
 * chain[chain_bytes]. Innermost frames first.  kernel[0] is `ip` of a sample in the kernel; user[0] is regs[IP], the
 * others are return addresses. */
struct sgperf_event_sample {
  struct sgperf_event_header header;
  uint64_t ip;
  uint64_t period; /* of the event: ns, cycles */
  struct sgperf_event_tag tag;
  uint32_t flags; /* SGPERF_SAMPLE_* */
  uint16_t kernel_count, user_count;
  uint16_t leaf_bytes, chain_bytes; /* chain_bytes is 0 unless the chain broke; of a system call, always there */
  uint32_t number;                  /* of a system call, as in a row's key; 0 in samples of the processor */
  uint64_t duration;                /* of it, ns */
  uint64_t
      chain_address; /* of chain[0] in the process: the last good frame pointer; of a system call, the stack pointer */
  uint64_t regs[SGPERF_REGS];
};

#endif
