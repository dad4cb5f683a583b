/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What the programs remember of a process and of a thread. */
#ifndef SGPERF_PROBES_STATE_H
#define SGPERF_PROBES_STATE_H

#include "rows.h"

/* tgid -> this, in the map `processes`.  Made by the loader (Probes::add) or by a fork, removed with the last thread.
 */
struct sgperf_process {
  uint32_t image;        /* programs executed since it was seen first */
  uint32_t flags;        /* SGPERF_PROCESS_* */
  uint32_t threads;      /* that live; not with _FOUND */
  uint32_t before_bench; /* what its given phase was at bench.start */
  /* Of threads that have ended. */
  uint64_t user_ticks_ns, system_ticks_ns, runtime_ns, minor_faults, major_faults, voluntary, involuntary;
};
enum {
  SGPERF_PROCESS_WAITING = 1, /* in front of its exec: nothing is counted yet */
  SGPERF_PROCESS_FOUND = 2,   /* was running already: how many threads it has, only the kernel knows */
  SGPERF_PROCESS_ENDED = 4,
};

/* tgid -> this, in the map `sessions`. */
struct sgperf_process_session {
  uint64_t header; /* address of sgperf_session_header in the process */
  int64_t tls_offset;
};

/* this -> SGPERF_HIT_*, in the map `hit_roles`: breakpoints that are set. */
struct sgperf_hit_key {
  uint64_t address;
  uint32_t tgid;
  uint32_t pad;
};

/* The first words of sgperf_block, and of sgperf_session_header as far as phase_now. */
struct sgperf_block_page {
  struct sgperf_event_tag tag;
};
struct sgperf_header_page {
  uint32_t words[37];
  uint32_t phase_now;
};

#ifdef __bpf__
#define SGPERF_UPTR __attribute__((btf_type_tag("uptr")))
#else
#define SGPERF_UPTR
#endif
/* Pages of a session, lent to the kernel by the loader (which maps the same file): the programs read them as their own
 * memory.  A read of user memory with all its guards costs 40 to 100 ns, this one 15 to 25.  Of a thread, in task
 * storage; good while the addresses are those of the thread.  Since Linux 6.13; before, and until the loader comes, the
 * long way. */
struct sgperf_lent_pages {
  struct sgperf_block_page SGPERF_UPTR *block_page;
  struct sgperf_header_page SGPERF_UPTR *header_page;
  uint64_t block, header; /* addresses in the process */
};

/* Row indices that a thread has looked up. */
struct sgperf_cached_row {
  struct sgperf_event_tag tag;
  uint32_t number;
  uint32_t row; /* 0 = nothing cached */
};
#define SGPERF_CACHED_ROWS 16

/* Of a thread, in task storage. */
struct sgperf_thread {
  uint64_t entered; /* when the system call began; 0 = in none */
  struct sgperf_event_tag tag;
  uint32_t number;        /* of that call, as in a row's key */
  uint32_t generation;    /* of the sessions when block_pointer and header were taken; 0 = never */
  uint64_t block;         /* address of the thread's sgperf_block; 0 = not known */
  uint64_t block_pointer; /* address of its sgperf_current; 0 = the process has no session */
  uint64_t header;
  uint64_t left;      /* when it left the processor within the call; 0 = it is on one */
  uint64_t blocked;   /* ns off the processor within the call */
  uint64_t candidate; /* a mapping that may become a session; 0 = none */
  uint32_t tries;     /* for it */
  uint32_t given_phase;
  uint32_t image;
  uint32_t rows;         /* first of its rows */
  uint32_t fault_row;    /* of the last page fault: it is not known yet whether it was a major one */
  uint32_t ended;        /* its exit was told: its rows may be another's soon */
  uint32_t asked;        /* for lent pages, with this block */
  uint32_t until_sample; /* so many calls, with their stacks */
  uint32_t marked;       /* within a call that is bench.start */
  uint32_t pad;
  uint64_t major_faults; /* of the thread at that time */
  struct sgperf_cached_row cache[SGPERF_CACHED_ROWS];
};

/* What was dropped, by kind; counted by the programs, read by the loader. */
struct sgperf_drops {
  uint64_t events, samples, row_calls, errnos, tasks, unmatched, processes;
};

/* Written by the loader. */
struct sgperf_control {
  uint32_t generation; /* changes with each session and given phase; both sides add to it; never 0 */
  uint32_t waiting;    /* processes in front of their exec */
  uint32_t rows_used;  /* ever taken; row 0 is none */
  uint32_t rows_capacity;
  uint32_t stopped;
  uint32_t frames_told; /* sequence of the last sgperf_event_frames; the programs count */
  uint32_t frames_answered;
  uint32_t wake_bytes; /* of the ring buffer: so much wakes the loader */
};

#endif
