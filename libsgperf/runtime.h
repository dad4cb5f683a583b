/* SPDX-License-Identifier: Apache-2.0 */
/* runtime.h - what the files of libsgperf share.
 *
 * This library lives in other people's processes: libc only, no malloc, no threads, no signal handlers, no output, no
 * file descriptor that stays open (but those of SGPERF_PHASE_PMC, which the user asks for: pmc.c).  docs/conventions.md
 * has the rules, docs/threading.md who may write what. */
#ifndef SGPERF_RUNTIME_H
#define SGPERF_RUNTIME_H

#ifndef SGPERF_I_RUNTIME
#error "compile the files of libsgperf with -DSGPERF_I_RUNTIME"
#endif
#include "libsgperf/pmc_page.h"
#include "libsgperf/session_layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Large tables of which a program that says nothing touches nothing: behind the small variables, which then share two
 * pages instead of lying on nine (the library is linked with --sort-section=name). */
#define SGP_TABLE __attribute__((section(".bss.table")))

enum {
  SGP_PAGE = 4096,
  SGP_OTHER_SITES = 1,    /* slot of scopes whose site found no place in the table */
  SGP_FRESH_BLOCKS = 256, /* blocks handed out before those of ended threads are used again */
  SGP_MAX_BLOCKS = 1024,  /* process memory beside the session is sized by these three */
  SGP_MAX_SITES = 4096,
  SGP_MAX_HISTOGRAMS = 256,
  SGP_HISTOGRAM_BYTES = 65 * 8, /* a scratch word, then 64 buckets: sgperf_i_bucket() */
  SGP_PHASE_DEPTH = 16,         /* open phases of one thread */
  SGP_OPEN_PHASES = 64,         /* open phases of the process */
  SGP_PMC = 8                   /* counters of a phase */
};

enum sgp_mode {
  SGP_NONE = 0,    /* no session: every site is off */
  SGP_LIVE = 1,    /* */
  SGP_DETACHED = 2 /* after fork or sgperf_detach(): what was live writes into memory nobody reads, or nothing */
};

/* What the process may still do (docs/threading.md, "seccomp"). */
enum sgp_calls {
  SGP_CALLS_ALL = 0,
  SGP_CALLS_KNOWN = 1, /* a filter was inherited: only calls that already went through at start */
  SGP_CALLS_NONE = 2   /* a filter has come since: none at all */
};

struct sgp_runtime {
  int mode; /* enum sgp_mode, atomic */
  int calls;
  char *base;
  size_t size;
  sgperf_session_header *header;
  sgperf_site_record *sites;
  sgperf_phase_record *phases;
  char *blocks;
  uint32_t site_capacity, phase_capacity, block_capacity;
  uint64_t block_size;
  uint32_t histogram_offset, histogram_capacity; /* bytes from a block; 0 = none in this geometry */
  bool preallocated;                             /* old kernel: all pages have memory since the start */
  bool vdso_clock;                               /* clock_gettime does not enter the kernel */
  uint32_t timer;                                /* SGPERF_TIMER_*, once timer_decided */
  bool timer_decided, wants_clock;
  int pid;
  uint32_t site_pages, phase_pages; /* pages of the tables that have memory */
  uint32_t slot_pages;              /* first pages of every ready block that have memory */
  uint32_t histogram_pages;
  uint32_t histogram_count;
  bool fork_follow, fork_detach;
  bool quiet; /* the session has no file yet */
  uint32_t sites_at_fork, blocks_at_fork;
  bool nothing_at_fork; /* neither a site nor a block, phase or JIT record */
  char directory[200];  /* of the session and of the code file, absolute */
  char key[56];
};
extern struct sgp_runtime sgp;

static inline bool sgp_live(void) {
  return __atomic_load_n(&sgp.mode, __ATOMIC_ACQUIRE) == SGP_LIVE;
}
static inline sgperf_block *sgp_block(uint32_t index) {
  return (sgperf_block *)(void *)(sgp.blocks + (uint64_t)index * sgp.block_size);
}
static inline uint32_t sgp_block_index(const sgperf_block *block) {
  return (uint32_t)((uint64_t)((const char *)block - sgp.blocks) / sgp.block_size);
}
static inline bool sgp_is_session_block(const sgperf_block *block) {
  return (const char *)block >= sgp.blocks && (const char *)block < sgp.base + sgp.size;
}
static inline sgperf_block_owner *sgp_owner(sgperf_block *block) {
  return (sgperf_block_owner *)(void *)block->owner;
}
static inline void sgp_drop(uint64_t *counter) {
  __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* ---- lock.c: one lock for all tables, slow path only ---- */
bool sgp_lock(void);     /* false: this thread holds it already, i.e. we run in a signal handler inside the slow path */
bool sgp_try_lock(void); /* never waits */
void sgp_unlock(void);
void sgp_lock_reset(void); /* in the child of a fork */

/* ---- clock.c ---- */
void sgp_clock_start(void);
uint64_t sgp_clock_raw(void);       /* CLOCK_MONOTONIC_RAW, ns */
uint64_t sgp_clock_monotonic(void); /* ns */
void sgp_timer_decide(void);        /* before the first use of the two below */
uint64_t sgp_now(void);             /* timer units */
uint64_t sgp_now_fenced(void);
void sgp_anchor(sgperf_anchor *out);
bool sgp_clock_stopped(void); /* on this thread */
void sgp_clock_stop(void);
void sgp_clock_resume(void);

/* ---- memory.c ---- */
bool sgp_populate(void *address, size_t size);
bool sgp_need_site(uint32_t index); /* the record */
bool sgp_need_phase(uint32_t index);
bool sgp_need_slot(uint32_t index); /* the slot in every ready block */
bool sgp_need_histogram(uint32_t index);
bool sgp_block_prepare(uint32_t index);
bool sgp_block_is_ready(uint32_t index);
void sgp_memory_prepare_for_seccomp(void);
void sgp_memory_forget_blocks(void); /* after fork: no block has memory */

/* ---- session.c ---- */
struct sgp_start {
  int argc;
  char **argv;
  char **envp;
};
void sgp_session_start(const struct sgp_start *start);
/* In the child of a fork: replaces the mapping at this address. */
bool sgp_session_create(char *at_address, const char *parent_key, int parent_pid);
void sgp_first_use(void); /* before the first block or record */
void sgp_session_make_file(void);
bool sgp_session_follow_quietly(void); /* in the child of a fork */
#define SGP_PARENT_VARIABLE "SGPERF_PARENT="
const char *sgp_session_marker(void); /* "SGPERF_PARENT=<key>"; NULL = none to be set */
void sgp_session_end(int exit_code);
const char *sgp_env(const struct sgp_start *start, const char *name);

/* ---- folder.c ---- */
int sgp_folder_open(const char *explicit_folder, const char *runtime_folder, char *out_path, size_t size);
int sgp_folder_create_file(int *folder, const char *path, const char *name); /* may close the folder: *folder = -1 */
void sgp_folder_remove_file(int folder, const char *path, const char *name);
void sgp_folder_close(int folder);
void sgp_folder_remember(int folder); /* which it is, for: */
int sgp_folder_reopen(void);          /* the folder of the session as it was at the start, never made anew, or -errno */

/* ---- process.c ---- */
bool sgp_is_glibc(void); /* another libc's loader passes no arguments, and lacks what a session needs */
/* libc's own function, behind a definition of the host's; NULL = not found.  `version`: on x86-64. */
void *sgp_libc(const char *name, const char *version);
struct sgp_process {
  char comm[16];
  uint32_t ppid; /* 0 = not asked: seccomp */
  int seccomp;   /* 0, or the mode */
};
long sgp_raw_prctl(long option, void *argument);
void sgp_process_read(struct sgp_process *out);
uint64_t sgp_process_pid_namespace(void);
uint32_t sgp_euid(void);
void sgp_host_name(char *out, size_t size);
void sgp_tid_calibrate(void);
uint32_t sgp_tid(void);
void sgp_usage(sgperf_usage *out);
void sgp_process_totals(sgperf_totals *out); /* process_totals.c: reads two files */

/* ---- sites.c, selection.c ---- */
int32_t sgp_register_site(sgperf_site *site);
int sgp_site_intern(sgperf_site **out, const char *name, uint32_t flags);
uint32_t sgp_phase_site(const char *name, bool create); /* lock held; 0 = no place, or not known */
int sgp_enable(const char *globs, int on);
void sgp_histograms_of_block(sgperf_block *block);
void sgp_sites_off(void);
bool sgp_glob_list(const char *globs, const char *name, bool *out_match); /* false: malformed */
void sgp_selection_start(const char *sites, const char *histograms);
bool sgp_selection_is_on(const char *name);
bool sgp_selection_wants_histogram(const char *name);
int sgp_selection_add(const char *globs, int on);

/* ---- threads.c ---- */
void sgp_threads_start(void);
sgperf_block *sgp_attach(void);
void sgp_end_foreign(sgperf_frame *frame, uint64_t duration);
int sgp_thread_name(const char *name);
bool sgp_thread_end_is_seen(void);
bool sgp_threads_after_fork(void); /* a session of its own; false: no memory for this thread */

/* ---- phases.c ---- */
int sgp_phase_begin(const char *name, uint64_t cookie);
int sgp_phase_end(const char *name, uint64_t cookie);
int sgp_bench_start(uint64_t id);
int sgp_bench_end(uint64_t id);
void sgp_phases_after_fork(void);
/* Of the process, not of a thread; lock held.  The first is a phase that began with the program and ends now; the other
 * ends the one before and begins now. */
void sgp_process_phase_past(const char *name);
void sgp_process_phase(const char *name);
void sgp_process_phase_end(const sgperf_usage *usage); /* with the program; NULL: read now */
/* Seen from outside, by wrappers of an engine's C API; of the calling thread.  False: none was begun, because the
 * thread is in one of this name already, or the program says its phases itself.  A lasting one ends with the last time
 * that was stored to its record's t1; returns the number of the record + 1, or 0. */
bool sgp_engine_phase_begin(const char *name);
void sgp_engine_phase_end(const char *name);
uint32_t sgp_engine_phase_begin_lasting(const char *name);
void sgp_engine_phase_end_lasting(uint32_t record); /* lock held */
/* ---- engine_execute.c, module_bytes.c (preload); lock held ---- */
void sgp_engine_thread_closes(sgperf_block *block); /* the lasting phase of a thread ends */
void sgp_engine_thread_ends(sgperf_block *block);
void sgp_engine_all_end(void);
void sgp_engine_after_fork(void);
void sgp_wasmtime_marks_after_fork(void); /* wasmtime_marks.c (preload) */
void sgp_modules_after_fork(void);
/* ---- code_phases.c (preload) ---- */
void sgp_code_phases_give_way(void); /* somebody knows better; lock held */
/* Whether the process is in a phase that they gave it; `to_arm`: breakpoints are to be set first,
 * sgp_code_phase_armed() comes when that is done. */
bool sgp_code_phase_published(bool from_file, bool to_arm);
void sgp_code_phase_armed(void);
void sgp_code_phase_gone(void);
void sgp_code_phases_after_fork(void);
/* ---- breakpoints.c (preload) ---- */
void sgp_breakpoints_start(const char *choice, const char *knock); /* SGPERF_BREAKPOINTS, SGPERF_KNOCK */
void sgp_breakpoints_end(void);                                    /* lock held; loads and stores only */
void sgp_breakpoints_after_fork(void);

/* ---- pmc.c: lock held, but for the first ---- */
struct sgp_pmc_reading {
  uint32_t opened; /* which set of counters; 0 = none */
  uint32_t valid;  /* bits */
  struct sgp_reading event[SGP_PMC];
};
void sgp_pmc_start(const char *list);                                /* SGPERF_PHASE_PMC */
void sgp_pmc_read(sgperf_block *block, struct sgp_pmc_reading *out); /* `block`: the calling thread's */
void sgp_pmc_store(const struct sgp_pmc_reading *before, const struct sgp_pmc_reading *after, sgperf_phase_record *out);
bool sgp_pmc_works(sgperf_block *block);
void sgp_pmc_thread_ends(sgperf_block *block);
void sgp_pmc_close(void);
void sgp_pmc_after_fork(void);
void sgp_pmc_follow(sgperf_session_header *to, const sgperf_session_header *from);

/* ---- code_file.c, perf_map.c, jitdump.c ---- */
int sgp_jit_register(const struct sgperf_jit_opts *opts);
int sgp_jit_unregister(const void *addr);
void sgp_jit_start(const char *choice); /* SGPERF_JIT */
/* Code that an engine published (preload/frame_hooks.c): `length` bytes from `base` are copied.  `key` is what says
 * that it goes away. */
void sgp_code_published(uint32_t kind, uint64_t time, uint64_t key, uint64_t base, uint64_t length);
bool sgp_code_gone(uint64_t key); /* whether it had been published */
void sgp_code_hit(uint32_t role, uint64_t time, uint64_t address, uint32_t tid, int error); /* lock held */
void sgp_jit_after_fork(void);
struct sgp_function { /* as both writers need it */
  const char *name;
  size_t name_size;
  uint64_t address, size;
  const void *code;
};
bool sgp_perf_map_write(const struct sgp_function *function);
bool sgp_jitdump_write(const struct sgp_function *function);
void sgp_perf_map_after_fork(void);
void sgp_jitdump_after_fork(void);
bool sgp_jit_wants_perf_map(void);
bool sgp_jit_wants_jitdump(void);

/* ---- snapshot.c ---- */
long sgp_snapshot(sgperf_row *rows, size_t capacity, size_t row_size);

/* ---- fork.c ---- */
void sgp_fork_start(void);

/* ---- seccomp.c, and preload/seccomp_hooks.c which calls it ---- */
void sgp_seccomp_coming(bool strict);
void sgp_seccomp_failed(void);
void sgp_counter_stops(void); /* this thread may not read the time-stamp counter any more */
void sgp_counter_goes_on(void);
void sgp_hooks_start(void);

/* ---- preload/mark_hooks.c ---- */
void sgp_marks_start(void);

/* ---- text.c ---- */
char *sgp_put_text(char *to, char *end, const char *text); /* always terminated; returns the new end of text */
char *sgp_put_number(char *to, char *end, uint64_t number);
size_t sgp_cut_utf8(const char *text, size_t length, size_t limit); /* bytes to keep, <= limit */
uint64_t sgp_hash(const char *text, size_t length);                 /* FNV-1a 64 */

#endif
