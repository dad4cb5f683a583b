/* SPDX-License-Identifier: Apache-2.0 */
/* Layout of a session file (session-<host>-<pid>-<boottime ns>.sgp) and of a code file (code-<same key>.sgc).
 *
 * Written by libsgperf inside the target through a shared mapping, read by the sgperf command while the target runs,
 * after it ended and after it was killed.  Plain C, fixed-width, little-endian, every offset asserted.  The text of
 * docs/format.md explains it; this header decides.
 *
 *   header | sites[site_capacity] | phases[phase_capacity] | blocks[block_capacity], each block_size bytes
 *
 * Every part starts at a multiple of 4096.  The file is sparse: its size covers all parts, pages get memory when first
 * used (MADV_POPULATE_WRITE, so that a full tmpfs is an error code and not SIGBUS).  No file descriptor stays open.
 *
 * Rules for a reader: check magic, then major, then that gen_end == gen_begin != 0; take offsets and sizes of records
 * from the header and not from this file; accept any minor; treat every count as a hint that is bounded by the capacity
 * beside it and by the size of the file; a record whose `ready` is 0 does not exist.  A slot may be torn by the one
 * event that is being added: |error of a total count| <= number of threads.
 *
 * Histogram of a slot: `slot.hist` is the byte offset, from the block, of 64 x u64; bucket n counts durations d with
 * floor(log2(d | 1)) == n.  slot.rsv[0] is a pending one: when it is not 0, bucket rsv[0] - 1 counts one more.
 */
#ifndef SGPERF_SESSION_LAYOUT_H
#define SGPERF_SESSION_LAYOUT_H

#include "sgperf/sgperf.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SGPERF_SESSION_MAGIC "SGPERF\0\1" /* 8 bytes, without the terminator */
#define SGPERF_SESSION_MAJOR 1
#define SGPERF_SESSION_MINOR 1 /* 1: knocks, totals, SGPERF_CODE_HIT */

enum { SGPERF_SESSION_INIT = 0, SGPERF_SESSION_LIVE = 1, SGPERF_SESSION_EXITED = 2 };
enum { SGPERF_TIMER_TSC = 0, SGPERF_TIMER_CLOCK = 1 };
enum { SGPERF_BLOCK_FREE = 0, SGPERF_BLOCK_LIVE = 1, SGPERF_BLOCK_EXITED = 2 };

/* One moment on all clocks: TSC read twice around the system clocks and averaged. */
typedef struct sgperf_anchor {
  uint64_t tsc;           /* ticks */
  uint64_t monotonic_raw; /* ns */
  uint64_t monotonic;     /* ns */
  uint64_t boottime;      /* ns */
  uint64_t realtime;      /* ns since 1970 */
  uint64_t uncertainty;   /* ticks between the two reads; 0 = anchor not taken */
  uint64_t rsv[2];
} sgperf_anchor; /* 64 */

/* What could not be kept, by kind. */
typedef struct sgperf_dropped {
  uint64_t sites;   /* sites beyond the table: their events are in slot 1, "(other sites)"; and first events of
                     sites in a signal handler that interrupted the table's own code: lost */
  uint64_t threads; /* threads without a block of their own: their events are lost */
  uint64_t phases;  /* phase records beyond the table, or phases open too deep */
  uint64_t jit;     /* JIT records */
  uint64_t foreign; /* scopes that ended on another thread: kept, but their self time is on that thread */
  uint64_t memory;  /* times that the tmpfs had no page for us */
  uint64_t rsv[2];
} sgperf_dropped; /* 64 */

typedef struct sgperf_usage {
  uint64_t user_ns, system_ns;
  uint64_t minor_faults, major_faults;
  uint64_t voluntary_switches, involuntary_switches;
  uint64_t max_rss; /* bytes */
  uint64_t flags;   /* bit 0 = valid; bit 1 = not read: seccomp */
} sgperf_usage;     /* 64 */

/* Of the process at its end, from /proc. */
enum { SGPERF_TOTALS_IO = 1, SGPERF_TOTALS_THREADS = 2 };
typedef struct sgperf_totals {
  uint32_t flags;                                     /* SGPERF_TOTALS_*: what could be read */
  uint32_t threads;                                   /* that lived then, the one that ends the process included */
  uint64_t read_bytes, written_bytes;                 /* by calls, pipes and terminals included */
  uint64_t storage_read_bytes, storage_written_bytes; /* from and to disks */
} sgperf_totals;                                      /* 40 */

typedef struct sgperf_session_header {
  char magic[8];
  uint32_t endian; /* 0x01020304 */
  uint16_t major, minor;
  uint32_t header_size; /* sizeof(sgperf_session_header) of the writer */
  uint32_t page_size;
  uint64_t total_size; /* of the file */

  /* 32 */
  uint32_t gen_begin; /* 1 before, equal to gen_end after the header is complete */
  uint32_t state;     /* SGPERF_SESSION_* */
  uint32_t pid;       /* as the target sees it */
  uint32_t ppid;
  uint64_t pid_ns; /* inode of /proc/self/ns/pid; 0 = not known: no scope, phase or JIT record yet */
  uint32_t uid;
  uint32_t timer; /* SGPERF_TIMER_* of all blocks; decided before the first */

  /* 64 */
  uint64_t site_offset, site_size, site_capacity;
  uint64_t phase_offset, phase_size, phase_capacity;
  uint64_t block_offset, block_size, block_capacity;
  /* 136 */
  uint32_t site_count;  /* next free index; sites 0 and 1, once there are any, are "(none)" and "(other sites)" */
  uint32_t phase_count; /* phase records ever begun; index = n % phase_capacity is not reused: beyond = dropped */
  uint32_t block_count; /* blocks ever handed out */
  uint32_t phase_now;   /* site id of the process's phase, 0 = none: read by BPF, written by phase calls */
  /* 152 */
  int64_t tls_offset; /* of sgperf_current from the thread pointer (negative on x86-64) */
  uint64_t flags;     /* SGPERF_SESSION_FLAG_* */
  uint64_t features;  /* rsv */
  uint64_t jit_count; /* records written to the code file */
  uint32_t knocks;    /* sequence number of the last sgperf_knock; 0 = none */
  uint32_t answered;  /* stored by the recorder with release: the last one it has dealt with */
  uint32_t answer;    /* stored before it: SGPERF_ANSWER_* */
  uint32_t rsv0;
  /* 200 */
  char parent_key[56]; /* "<host>-<pid>-<boottime ns>" of the first session of the tree, of a forked child: of the
                          session it comes from, if that has a file; empty = this is the first, or unknown */
  /* 256 */
  sgperf_anchor start;
  sgperf_anchor end; /* uncertainty 0 = the end was not seen */
  sgperf_dropped dropped;
  sgperf_usage usage; /* at exit */
  /* 512 */
  uint64_t empty_scope_min, empty_scope_median; /* an empty scope's own reading [timer units] */
  uint64_t empty_scope_cost;                    /* what one costs its parent [timer units], median */
  uint64_t rsv1[5];
  /* 576 */
  char host[64];
  char comm[16]; /* at start */
  char exe[240]; /* readlink of /proc/self/exe (until first use: as it was started), cut */
  /* 896 */
  char command[1024]; /* command line, arguments separated by NUL, cut */
  char note[128];     /* why something is missing, English, empty = nothing */
  uint32_t exit_code; /* valid with flag EXIT_CODE */
  uint32_t gen_end;
  /* 2056: counters of phases (SGPERF_PHASE_PMC); zeros from a library that has none */
  char pmc_names[8][24]; /* of phase_record.pmc[n], as counted: "cycles", "cycles:u"; empty = not asked for */
  int32_t pmc_errors[8]; /* errno for which event n is not counted at all, 0 = none so far */
  sgperf_totals totals;  /* minor 1; zeros from an older library */
  uint64_t rsv2[222];
} sgperf_session_header; /* 4096 */

#define SGPERF_SESSION_FLAG_INVARIANT_TSC 1u
#define SGPERF_SESSION_FLAG_FORK_FOLLOW 2u
#define SGPERF_SESSION_FLAG_SECCOMP 4u  /* a filter was on, or came */
#define SGPERF_SESSION_FLAG_DETACHED 8u /* sgperf_detach() was called */
#define SGPERF_SESSION_FLAG_EXIT_CODE 16u
#define SGPERF_SESSION_FLAG_PRELOADED 32u

/* A site: index = slot index = the `site` of the region tag.  Phase names are sites too (kind PHASE): their index is
 * the `phase` of the tag.  Two places with one name are one site. */
typedef struct sgperf_site_record {
  uint32_t ready; /* 1, stored last with release */
  uint32_t id;
  uint32_t flags; /* SGPERF_SITE_* */
  uint32_t line;
  uint64_t name_hash;   /* FNV-1a 64 of the whole name, so that cut names stay apart */
  uint32_t enabled;     /* 0 or 1 */
  uint32_t name_length; /* of the whole name, bytes */
  char name[160];       /* NUL-terminated, cut at a UTF-8 character */
  char file[64];        /* the end of the path */
} sgperf_site_record;   /* 256 */

typedef struct sgperf_phase_record {
  uint32_t ready; /* 1 = begun, 2 = ended, 3 = aborted (closed by an outer end) */
  uint32_t site;  /* its name */
  uint64_t cookie;
  uint32_t tid;               /* that began it */
  uint32_t end_tid;           /* that ended it */
  uint32_t parent;            /* index + 1 of the enclosing open phase of the thread, 0 = none */
  uint32_t kind;              /* 0 phase, 1 bench.start/end, 2 of the process, seen by hooks: no thread's own */
  uint64_t t0, t1;            /* timer units */
  sgperf_usage before, after; /* of the process */
  uint64_t pmc[8];            /* what the thread counted from begin to end; which: header.pmc_names */
  uint64_t pmc_flags;         /* bit n = pmc[n] is valid; bit 8 + n = it was multiplexed and is scaled */
  uint64_t rsv;
} sgperf_phase_record; /* 256 */

/* What sgperf_block.owner[5] holds. */
typedef struct sgperf_block_owner {
  uint32_t tid;
  uint32_t state;      /* SGPERF_BLOCK_* */
  uint32_t generation; /* threads that have used this block */
  uint32_t rsv;
  uint64_t start; /* timer units */
  char name[16];
} sgperf_block_owner; /* 40 */

/* ---- code file ---- */

#define SGPERF_CODE_MAGIC "SGPCODE\1"
typedef struct sgperf_code_header {
  char magic[8];
  uint32_t header_size;
  uint32_t pid;
  uint64_t used; /* bytes of the file in use, this header included; stored with release after each record */
  uint64_t capacity;
  uint64_t dropped; /* records that did not fit */
  uint64_t rsv[3];
} sgperf_code_header; /* 64 */

enum {
  SGPERF_CODE_IMAGE = 1,    /* a whole image in memory: `length` bytes follow the name */
  SGPERF_CODE_UNLOAD = 2,   /* `base` is gone */
  SGPERF_CODE_FUNCTION = 3, /* one function from sgperf_jit_register(); `flags` = SGPERF_FUNCTION_* */
  SGPERF_CODE_FRAMES = 4,   /* an .eh_frame without an image around it: its FDEs have the ranges of the functions */
  SGPERF_CODE_HIT = 5       /* an execute breakpoint was hit at `base`, by thread `tid`, at `time`: `flags` =
                               SGPERF_HIT_*.  With SGPERF_HIT_REFUSED there is no breakpoint: `length` = errno */
};
enum {
  SGPERF_FUNCTION_REGISTERED = 0,
  SGPERF_FUNCTION_GDB_JIT = 1 /* found from outside, in a symbol file of GDB's JIT interface */
};
enum {
  SGPERF_HIT_REFUSED = 0,
  SGPERF_HIT_ENTRY = 1,  /* first instruction of the trampoline through which a host calls the guest's entry */
  SGPERF_HIT_RETURN = 2, /* its normal return */
  SGPERF_HIT_UNWIND = 3  /* its other return: a trap or proc_exit */
};
typedef struct sgperf_code_record {
  uint32_t size; /* of the record with name and bytes, a multiple of 8; 0 = torn tail */
  uint32_t kind;
  uint64_t time; /* CLOCK_MONOTONIC ns */
  uint64_t base, length;
  uint32_t tid;
  uint32_t name_size;  /* bytes, no terminator */
  uint32_t bytes_size; /* 0 = bytes not kept */
  uint32_t flags;
  /* name, then code bytes, then padding */
} sgperf_code_record; /* 48 */

/* ---- knocks ----
 *
 * What a target tells a recorder that watches it with eBPF (which sets SGPERF_KNOCK=1 in its environment), as it
 * happens:
 *
 *     ioctl(-1, SGPERF_KNOCK_REQUEST, &knock)
 *
 * fails with EBADF and does nothing else; the recorder's program at the entry of system calls sees it and reads the
 * structure.  After SGPERF_KNOCK_PUBLISHED the target waits, at most 50 ms, until header.answered == knock.sequence: by
 * then the recorder has set its breakpoints, or the answer says that the target sets its own. */
#define SGPERF_KNOCK_REQUEST 0x53475046u
enum {
  SGPERF_KNOCK_PUBLISHED = 1, /* code has been published, and none of it has run yet */
  SGPERF_KNOCK_GONE = 2       /* the last code of the process is about to go */
};
enum {
  SGPERF_ANSWER_NONE = 0, /* nobody listens, or it could not: the target sets its own breakpoints */
  SGPERF_ANSWER_ARMED = 1 /* the recorder has set breakpoints: the target sets none */
};
typedef struct sgperf_knock {
  uint32_t size; /* sizeof(sgperf_knock) */
  uint32_t kind; /* SGPERF_KNOCK_* */
  uint32_t sequence;
  uint32_t rsv;
  uint64_t time;                                /* CLOCK_MONOTONIC ns */
  uint64_t entry, normal_return, unwind_return; /* addresses; 0 = not known */
} sgperf_knock;                                 /* 48 */

SGPERF_I_ASSERT(sizeof(sgperf_knock) == 48, "layout");
SGPERF_I_ASSERT(offsetof(sgperf_session_header, knocks) == 184, "layout");
SGPERF_I_ASSERT(sizeof(sgperf_anchor) == 64 && sizeof(sgperf_dropped) == 64 && sizeof(sgperf_usage) == 64, "layout");
SGPERF_I_ASSERT(sizeof(sgperf_session_header) == 4096, "layout");
SGPERF_I_ASSERT(offsetof(sgperf_session_header, site_offset) == 64, "layout");
SGPERF_I_ASSERT(offsetof(sgperf_session_header, phase_now) == 148, "layout");
SGPERF_I_ASSERT(offsetof(sgperf_session_header, tls_offset) == 152, "layout");
SGPERF_I_ASSERT(offsetof(sgperf_session_header, start) == 256, "layout");
SGPERF_I_ASSERT(offsetof(sgperf_session_header, host) == 576, "layout");
SGPERF_I_ASSERT(offsetof(sgperf_session_header, command) == 896, "layout");
SGPERF_I_ASSERT(offsetof(sgperf_session_header, gen_end) == 2052, "layout");
SGPERF_I_ASSERT(offsetof(sgperf_session_header, pmc_names) == 2056, "layout");
SGPERF_I_ASSERT(offsetof(sgperf_session_header, pmc_errors) == 2248, "layout");
SGPERF_I_ASSERT(offsetof(sgperf_session_header, totals) == 2280, "layout");
SGPERF_I_ASSERT(offsetof(sgperf_session_header, rsv2) == 2320, "layout");
SGPERF_I_ASSERT(offsetof(sgperf_phase_record, pmc) == 176, "layout");
SGPERF_I_ASSERT(sizeof(sgperf_site_record) == 256 && sizeof(sgperf_phase_record) == 256, "layout");
SGPERF_I_ASSERT(sizeof(sgperf_block_owner) == 40, "layout");
SGPERF_I_ASSERT(sizeof(sgperf_code_header) == 64 && sizeof(sgperf_code_record) == 48, "layout");

#ifdef __cplusplus
}
#endif
#endif
