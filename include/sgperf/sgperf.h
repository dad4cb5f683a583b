/* SPDX-License-Identifier: Apache-2.0 */
/* sgperf.h - named scopes, counters, phases and JIT records for programs that run WebAssembly.
 *
 * One header, no link dependency.  A program that includes it runs unchanged where sgperf is not installed: the first
 * scope looks for the runtime (libsgperf.so, linked or preloaded) and, if there is none, switches itself off for good.
 *
 *   void make_syscall(void) {
 *       SGPERF_SCOPE("threei::make_syscall");      // ends with the block it stands in
 *       ...
 *   }
 *
 *   LD_PRELOAD=libsgperf.so ./program              // live;  `sgperf report` prints the table
 *   ./program                                      // off:   one load and one branch per scope
 *
 * COST CLASSES.  Each function says which it is:
 *   hot    inline, no call, no lock prefix, no system call.  A live scope costs about two reads of the time-stamp
 *          counter; a disabled one a load and a predicted branch.  `./dev bench scope` prints the ratios of this
 * machine. slow   first use of a site or of a thread, phases, JIT records: may make system calls, never allocates with
 * malloc. once   at most once per process.
 *
 * THREADS.  Everything may be called from any thread, from signal handlers (except phases and JIT records), and before
 * main().  A scope may end on another thread than it began on; the time is then counted on the thread it ends on.
 *
 * ERRORS.  Functions return 0 or a negative errno.  Nothing here ever ends, blocks or prints from the host program:
 * when a table is full, the event goes to a sink and is counted as dropped.
 *
 * STABILITY.  Everything between FROZEN and END FROZEN is compiled into other people's programs and never changes
 * within major version 1 (docs/abi.md).  Names that begin with sgperf_i_ or SGPERF_I_ are private.
 *
 * -DSGPERF_DISABLE compiles every macro away (arguments are type-checked, not evaluated).
 */
#ifndef SGPERF_SGPERF_H
#define SGPERF_SGPERF_H

#include <stddef.h>
#include <stdint.h>

#if !defined(__GNUC__)
#error "sgperf.h needs gcc or clang (inline assembly, cleanup attribute)"
#endif

#define SGPERF_VERSION_MAJOR 1
#define SGPERF_VERSION_MINOR 0
#define SGPERF_VERSION_PATCH 0
/* Comparable with sgperf_version(). */
#define SGPERF_VERSION (SGPERF_VERSION_MAJOR * 10000 + SGPERF_VERSION_MINOR * 100 + SGPERF_VERSION_PATCH)

#ifdef __cplusplus
extern "C" {
#endif

/* Storage of the inline functions.  libsgperf compiles this header once with SGPERF_I_FN exported, so that every inline
 * function has an out-of-line twin of the same name for FFI users (Rust, Go, Python). */
#ifndef SGPERF_I_FN
#define SGPERF_I_FN static inline __attribute__((unused, always_inline))
#endif
/* Never a twin: parts of the functions below. */
#define SGPERF_I_HOT static inline __attribute__((unused, always_inline))
#define SGPERF_I_COLD static __attribute__((unused, noinline, cold))
#define SGPERF_I_LIKELY(x) __builtin_expect(!!(x), 1)
#define SGPERF_I_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* ---------------------------------------- FROZEN -------------------------------------------------------------- */

/* One thread's sums for one site.  Lives in the session file; one writer, any number of readers.
 * A zero-filled slot is a valid empty one: `min_inv` holds ~min, so that "smaller" is "larger than zero". */
typedef struct sgperf_slot {
  uint64_t count;   /* finished scopes, or counter updates */
  uint64_t total;   /* time inside, children included [timer units]; for a counter the sum of its increments */
  uint64_t self;    /* time inside less the time in child scopes of the same thread [timer units] */
  uint64_t min_inv; /* ~shortest [timer units]; 0 = none yet */
  uint64_t max;     /* longest [timer units]; for a gauge the largest value */
  uint64_t hist;    /* 0, or byte offset from the block of this slot's 64 x u64 log2 histogram */
  uint64_t rsv[2];
} sgperf_slot; /* 64 bytes */

/* One thread's memory: page aligned, in the session file. */
typedef struct sgperf_block {
  uint32_t phase;       /* +0  region tag, low half: phase of this thread, 0 = take the process's */
  uint32_t site;        /* +4  region tag, high half: innermost open scope, 0 = none */
  uint64_t owner[5];    /* +8  thread id, state, generation, name (libsgperf/session_layout.h) */
  uint64_t timer;       /* +48 0 = time-stamp counter, else CLOCK_MONOTONIC_RAW in ns */
  uint64_t child;       /* +56 time spent in finished children of the open scope [timer units] */
  sgperf_slot slots[1]; /* +64 really one per site; [0] is never a site */
} sgperf_block;

/* A place in the program.  Static storage; `slot` says everything the hot path wants to know:
 * -1 not seen yet, 0 off, > 0 live and the index of its slot. */
typedef struct sgperf_site {
  uint32_t struct_size;
  int32_t slot;
  const char *name; /* "module::name", UTF-8; copied when the site is first used */
  const char *file;
  uint32_t line;
  uint32_t flags; /* SGPERF_SITE_* */
} sgperf_site;

/* An open scope.  Lives on the stack of whoever opened it. */
typedef struct sgperf_frame {
  uint64_t t0;          /* [timer units] */
  uint64_t saved_child; /* the parent's block.child */
  sgperf_block *block;  /* NULL = this scope was off when it began: its end does nothing */
  int32_t slot;
  uint32_t saved_site; /* the parent's half of the region tag */
} sgperf_frame;

enum {
  SGPERF_SITE_SCOPE = 0,
  SGPERF_SITE_COUNTER = 1,
  SGPERF_SITE_GAUGE = 2,
  SGPERF_SITE_PHASE = 3,
  SGPERF_SITE_KIND = 0xff,   /* mask of the four kinds above */
  SGPERF_SITE_HIST = 0x100,  /* keep a log2 histogram */
  SGPERF_SITE_FENCED = 0x200 /* timed with SGPERF_SCOPE_FENCED */
};

#if defined(__cplusplus)
#define SGPERF_I_ASSERT(c, m) static_assert(c, m)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define SGPERF_I_ASSERT(c, m) _Static_assert(c, m)
#else
#define SGPERF_I_CAT2(a, b) a##b
#define SGPERF_I_CAT1(a, b) SGPERF_I_CAT2(a, b)
#define SGPERF_I_ASSERT(c, m)                                                                                          \
  typedef char SGPERF_I_CAT1(sgperf_i_assert_, __LINE__)[(c) ? 1 : -1] __attribute__((unused))
#endif
SGPERF_I_ASSERT(sizeof(sgperf_slot) == 64, "frozen");
SGPERF_I_ASSERT(offsetof(sgperf_slot, total) == 8 && offsetof(sgperf_slot, self) == 16, "frozen");
SGPERF_I_ASSERT(offsetof(sgperf_slot, min_inv) == 24 && offsetof(sgperf_slot, max) == 32, "frozen");
SGPERF_I_ASSERT(offsetof(sgperf_slot, hist) == 40, "frozen");
SGPERF_I_ASSERT(offsetof(sgperf_block, phase) == 0 && offsetof(sgperf_block, site) == 4, "frozen");
SGPERF_I_ASSERT(offsetof(sgperf_block, timer) == 48 && offsetof(sgperf_block, child) == 56, "frozen");
SGPERF_I_ASSERT(offsetof(sgperf_block, slots) == 64, "frozen");
SGPERF_I_ASSERT(offsetof(sgperf_site, slot) == 4, "frozen");
/* ---------------------------------------- END FROZEN ---------------------------------------------------------- */

/* Code that a JIT compiler has just made executable.  Passed by pointer; set `sz` with SGPERF_JIT_OPTS_INIT.
 * Everything is copied before sgperf_jit_register() returns. */
struct sgperf_jit_opts {
  size_t sz;        /* sizeof(struct sgperf_jit_opts) as the caller knows it; unknown non-zero tail = -E2BIG */
  const char *name; /* UTF-8; what a report shows */
  const void *addr; /* where it runs */
  size_t size;      /* bytes */
  const void *code; /* where to copy the bytes from; NULL = from addr */
  uint32_t flags;   /* SGPERF_JIT_* */
  uint32_t rsv;
};
#define SGPERF_JIT_NO_BYTES 1u /* record the range and the name, do not copy the code */
#define SGPERF_JIT_OPTS_INIT                                                                                           \
  { sizeof(struct sgperf_jit_opts), NULL, NULL, 0, NULL, 0, 0 }

/* One line of a snapshot.  All times in nanoseconds whatever the timer; counters and gauges keep their own unit. */
typedef struct sgperf_row {
  char name[160];   /* NUL-terminated, cut at a character */
  uint32_t kind;    /* SGPERF_SITE_SCOPE, _COUNTER, _GAUGE */
  uint32_t threads; /* blocks that contributed */
  uint64_t count, total, self;
  uint64_t min, max; /* since the start of the session: a difference of snapshots cannot restore them */
} sgperf_row;

/* What the runtime hands to the inline code: append only, every member may be missing in an older runtime
 * (struct_size tells), which turns that feature off and nothing else. */
struct sgperf_ops {
  uint32_t struct_size;
  uint32_t version;                            /* SGPERF_VERSION of the runtime */
  sgperf_block *(*attach_thread)(void);        /* never NULL: a private sink when the session is full or gone */
  int32_t (*register_site)(sgperf_site *site); /* sets and returns site->slot: 0 off, > 0 live */
  void (*end_foreign)(sgperf_frame *frame, uint64_t duration); /* scope ended on another thread than it began on */
  uint64_t (*clock_ns)(void);                                  /* CLOCK_MONOTONIC_RAW */
  int (*site_intern)(sgperf_site **out, const char *name, uint32_t flags);
  int (*enable)(const char *globs, int on);
  int (*phase_begin)(const char *name, uint64_t cookie);
  int (*phase_end)(const char *name, uint64_t cookie);
  int (*bench_start)(uint64_t id);
  int (*bench_end)(uint64_t id);
  int (*jit_register)(const struct sgperf_jit_opts *opts);
  int (*jit_unregister)(const void *addr);
  int (*thread_name)(const char *name);
  long (*snapshot)(sgperf_row *rows, size_t capacity, size_t row_size);
  int (*feature)(const char *name);
  int (*flush)(void);
  int (*detach)(void);
};

/* The only symbol the inline code looks for.  `header_abi` is SGPERF_VERSION of the caller; NULL = refuses that header.
 */
#define SGPERF_I_ENTRY "sgperf_runtime_v1"

/* ---------------------------------------- finding the runtime ------------------------------------------------- */

#ifdef SGPERF_I_RUNTIME /* inside libsgperf itself: no search */
extern __thread sgperf_block *sgperf_current __attribute__((tls_model("initial-exec")));
#define sgperf_i_tls sgperf_current
const struct sgperf_ops *sgperf_i_runtime(void);
#else
/* dlsym under a name of our own: no <dlfcn.h> (which needs feature macros in strict C99), and weak, so that a static
 * program links; RTLD_DEFAULT is a null handle on every libc that has dlsym. */
extern void *sgperf_i_dlsym(void *, const char *) __asm__("dlsym") __attribute__((weak));

/* One cached pointer a module and thread.  Weak and hidden: all translation units of a module share it, no other module
 * sees it.  The model is set on a definition since gcc ignores it on a declaration; 8 bytes always fit into the static
 * TLS reserve of a dlopen'ed module. */
__attribute__((weak, visibility("hidden"), tls_model("initial-exec"))) __thread sgperf_block *sgperf_i_tls = NULL;
__attribute__((weak, visibility("hidden"))) const struct sgperf_ops *sgperf_i_ops = NULL;
__attribute__((weak, visibility("hidden"))) int sgperf_i_searched = 0;

/* once per module.  Two threads may search at the same time; both find the same. */
SGPERF_I_COLD const struct sgperf_ops *sgperf_i_runtime(void) {
  if (!__atomic_load_n(&sgperf_i_searched, __ATOMIC_ACQUIRE)) {
    const struct sgperf_ops *ops = NULL;
    void *found = sgperf_i_dlsym ? sgperf_i_dlsym(NULL, SGPERF_I_ENTRY) : NULL;
    if (found) {
      const struct sgperf_ops *(*entry)(uint32_t);
      __builtin_memcpy(&entry, &found, sizeof entry); /* ISO C has no cast from object to function pointer */
      ops = entry(SGPERF_VERSION);
    }
    __atomic_store_n(&sgperf_i_ops, ops, __ATOMIC_RELEASE);
    __atomic_store_n(&sgperf_i_searched, 1, __ATOMIC_RELEASE);
  }
  return __atomic_load_n(&sgperf_i_ops, __ATOMIC_ACQUIRE);
}
#endif

/* True when the runtime is there and knows this member. */
#define SGPERF_I_HAS(ops, member)                                                                                      \
  ((ops) && (ops)->struct_size >= offsetof(struct sgperf_ops, member) + sizeof((ops)->member) && (ops)->member)

SGPERF_I_COLD int32_t sgperf_i_register(sgperf_site *site) {
  const struct sgperf_ops *ops = sgperf_i_runtime();
  if (!SGPERF_I_HAS(ops, register_site)) {
    __atomic_store_n(&site->slot, 0, __ATOMIC_RELAXED); /* off for good */
    return 0;
  }
  return ops->register_site(site);
}

/* Only reached through a live site, hence with a runtime. */
SGPERF_I_COLD sgperf_block *sgperf_i_attach(void) {
  return sgperf_i_tls = sgperf_i_runtime()->attach_thread();
}
SGPERF_I_COLD uint64_t sgperf_i_clock(void) {
  return sgperf_i_runtime()->clock_ns();
}
/* By value: a frame whose address goes nowhere lives in registers. */
SGPERF_I_COLD void sgperf_i_end_foreign(sgperf_frame frame, uint64_t duration) {
  sgperf_i_runtime()->end_foreign(&frame, duration);
}

/* ---------------------------------------- the hot path -------------------------------------------------------- */

/* Inlined into a function that calls setjmp, gcc warns of our local variables; none of them changes after its first
 * value, so a longjmp brings back the right one. */
#ifndef __clang__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wclobbered"
#endif

/* Counter ticks, not fenced.  Two plain reads smear a region by 10 to 20 cycles, which is below the noise of anything
 * that takes 100 ns; fences would double the cost of the scope (docs/methods.md, "Fences"). */
SGPERF_I_HOT uint64_t sgperf_i_ticks(void) {
#if defined(__x86_64__)
  uint32_t low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
  return (uint64_t)high << 32 | low;
#elif defined(__aarch64__)
  uint64_t ticks;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
#else
  return sgperf_i_clock();
#endif
}

/* Everything before has finished, nothing after has begun: for scopes of a few instructions. */
SGPERF_I_HOT uint64_t sgperf_i_ticks_begin_fenced(void) {
#if defined(__x86_64__)
  uint32_t low, high;
  __asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
  return (uint64_t)high << 32 | low;
#elif defined(__aarch64__)
  uint64_t ticks;
  __asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(ticks) : : "memory");
  return ticks;
#else
  return sgperf_i_clock();
#endif
}
SGPERF_I_HOT uint64_t sgperf_i_ticks_end_fenced(void) {
#if defined(__x86_64__)
  uint32_t low, high;
  __asm__ volatile("rdtscp\n\tlfence" : "=a"(low), "=d"(high) : : "rcx", "memory");
  return (uint64_t)high << 32 | low;
#else
  return sgperf_i_ticks_begin_fenced();
#endif
}

/* *p += n as one instruction with a memory operand where there is one: atomic against signal handlers and migration of
 * this thread, and cheaper than the load, add, store that gcc makes of a relaxed atomic. */
SGPERF_I_HOT void sgperf_i_add(uint64_t *p, uint64_t n) {
#if defined(__x86_64__)
  __asm__("addq %1, %0" : "+m"(*p) : "er"(n) : "cc");
#else
  __atomic_store_n(p, __atomic_load_n(p, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
#endif
}

/* hot.  Slot of a live site, or <= 0: one load and one compare on the live path, no call for a disabled site. */
SGPERF_I_HOT int32_t sgperf_i_slot(sgperf_site *site) {
  int32_t slot = __atomic_load_n(&site->slot, __ATOMIC_RELAXED);
  if (SGPERF_I_UNLIKELY(slot < 0)) slot = sgperf_i_register(site);
  return slot;
}

SGPERF_I_HOT sgperf_block *sgperf_i_block(void) {
  sgperf_block *block = sgperf_i_tls;
  if (SGPERF_I_UNLIKELY(!block)) block = sgperf_i_attach();
  return block;
}

SGPERF_I_HOT void sgperf_i_open(sgperf_frame *frame, sgperf_block *block, int32_t slot) {
  frame->block = block;
  frame->slot = slot;
  frame->saved_site = block->site;
  frame->saved_child = block->child;
  block->site = (uint32_t)slot;
  block->child = 0;
}

/* Counts the bucket of the duration before this one and leaves this one's in rsv[0] (1 + bucket, 0 = none): the address
 * of an increment that depends on the counter just read would hold up the next read (1.3 x a scope against 1.05,
 * measured on Zen 4).  Readers add the one that is pending.  The word in front of the buckets takes the first "none".
 */
SGPERF_I_HOT void sgperf_i_bucket(sgperf_block *block, sgperf_slot *slot, uint64_t duration) {
  uint64_t *buckets = (uint64_t *)(void *)((char *)block + slot->hist);
  sgperf_i_add(&buckets[(int64_t)slot->rsv[0] - 1], 1);
  slot->rsv[0] = 64u - (uint64_t)__builtin_clzll(duration | 1);
}

SGPERF_I_HOT void sgperf_i_close(sgperf_frame *frame, sgperf_block *block, uint64_t duration) {
  if (SGPERF_I_UNLIKELY(block != sgperf_i_tls)) { /* a fiber that moved to another thread */
    sgperf_i_end_foreign(*frame, duration);
    return;
  }
  sgperf_slot *slot = &block->slots[(uint32_t)frame->slot];
  sgperf_i_add(&slot->count, 1);
  sgperf_i_add(&slot->total, duration);
  sgperf_i_add(&slot->self, duration - block->child);
  if (SGPERF_I_UNLIKELY(duration > slot->max)) slot->max = duration;
  if (SGPERF_I_UNLIKELY(~duration > slot->min_inv)) slot->min_inv = ~duration;
  if (SGPERF_I_UNLIKELY(slot->hist != 0)) sgperf_i_bucket(block, slot, duration);
  /* Restoring the parent's sum, rather than adding to it, heals after a longjmp out of inner scopes. */
  block->child = frame->saved_child + duration;
  block->site = frame->saved_site;
}

/* hot.  Opens `site` on this thread; `frame` must live until sgperf_scope_end(). */
SGPERF_I_FN void sgperf_scope_begin(sgperf_site *site, sgperf_frame *frame) {
  int32_t slot = __atomic_load_n(&site->slot, __ATOMIC_RELAXED);
  if (SGPERF_I_LIKELY(slot == 0)) { /* off falls through, so that it costs no taken branch */
    frame->block = NULL;
    return;
  }
  if (SGPERF_I_UNLIKELY(slot < 0) && (slot = sgperf_i_register(site)) <= 0) {
    frame->block = NULL;
    return;
  }
  sgperf_block *block = sgperf_i_block();
  sgperf_i_open(frame, block, slot);
  frame->t0 = SGPERF_I_UNLIKELY(block->timer) ? sgperf_i_clock() : sgperf_i_ticks();
}

/* hot.  Closes the scope that `frame` opened.  Toggling the site in between changes nothing: a scope that was on when
 * it began is counted, one that was off is not. */
SGPERF_I_FN void sgperf_scope_end(sgperf_frame *frame) {
  sgperf_block *block = frame->block;
  if (SGPERF_I_UNLIKELY(!block)) return;
  uint64_t now = SGPERF_I_UNLIKELY(block->timer) ? sgperf_i_clock() : sgperf_i_ticks();
  sgperf_i_close(frame, block, now - frame->t0);
}

/* hot, 2 to 2.8 x a plain scope.  As the pair above, but nothing of the surrounding code runs inside the measured
 * region: for scopes of a few instructions.  Use the pair together; the site's flags may say so, SGPERF_SITE_FENCED. */
SGPERF_I_FN void sgperf_scope_begin_fenced(sgperf_site *site, sgperf_frame *frame) {
  int32_t slot = sgperf_i_slot(site);
  if (slot <= 0) {
    frame->block = NULL;
    return;
  }
  sgperf_block *block = sgperf_i_block();
  sgperf_i_open(frame, block, slot);
  frame->t0 = SGPERF_I_UNLIKELY(block->timer) ? sgperf_i_clock() : sgperf_i_ticks_begin_fenced();
}
SGPERF_I_FN void sgperf_scope_end_fenced(sgperf_frame *frame) {
  sgperf_block *block = frame->block;
  if (SGPERF_I_UNLIKELY(!block)) return;
  uint64_t now = SGPERF_I_UNLIKELY(block->timer) ? sgperf_i_clock() : sgperf_i_ticks_end_fenced();
  sgperf_i_close(frame, block, now - frame->t0);
}

/* hot, <= 3 ns.  Adds `n` (any unit: bytes, events) to a site of kind SGPERF_SITE_COUNTER.  Shown as the number of
 * updates and their sum; the sum wraps at 2^64. */
SGPERF_I_FN void sgperf_counter_add(sgperf_site *site, uint64_t n) {
  int32_t index = sgperf_i_slot(site);
  if (SGPERF_I_UNLIKELY(index <= 0)) return;
  sgperf_slot *slot = sgperf_i_block()->slots + (uint32_t)index;
  sgperf_i_add(&slot->count, 1);
  sgperf_i_add(&slot->total, n);
}

/* hot, <= 3 ns.  Keeps the largest `value` (any unit) ever given to a site of kind SGPERF_SITE_GAUGE: per thread in the
 * file, over all threads in a report. */
SGPERF_I_FN void sgperf_gauge_max(sgperf_site *site, uint64_t value) {
  int32_t index = sgperf_i_slot(site);
  if (SGPERF_I_UNLIKELY(index <= 0)) return;
  sgperf_slot *slot = sgperf_i_block()->slots + (uint32_t)index;
  sgperf_i_add(&slot->count, 1);
  if (value > slot->max) slot->max = value;
}

#ifndef __clang__
#pragma GCC diagnostic pop
#endif

/* ---------------------------------------- calls into the runtime ---------------------------------------------- */
/* Without a runtime, or with one too old for the call, these return -ENOSYS (-38) and change nothing. */

#define SGPERF_I_ENOSYS 38 /* of Linux; <errno.h> stays out of a header that goes everywhere */
#define SGPERF_I_CALL(member, arguments)                                                                               \
  const struct sgperf_ops *ops = sgperf_i_runtime();                                                                   \
  return SGPERF_I_HAS(ops, member) ? ops->member arguments : -SGPERF_I_ENOSYS

/* once.  SGPERF_VERSION of the runtime that was found, 0 when there is none. */
SGPERF_I_FN uint32_t sgperf_version(void) {
  const struct sgperf_ops *ops = sgperf_i_runtime();
  return ops ? ops->version : 0;
}

/* slow.  1 = the runtime has the feature and it works in this process, 0 = it does not, or there is no runtime.
 * Names: "session", "timer.tsc", "timer.clock", "histogram", "phase.usage", "phase.pmc", "jit.code", "jit.perfmap",
 * "jit.jitdump", "fork.follow", "seccomp" (a filter is on).  Unknown names are 0. */
SGPERF_I_FN int sgperf_feature(const char *name) {
  const struct sgperf_ops *ops = sgperf_i_runtime();
  return SGPERF_I_HAS(ops, feature) ? ops->feature(name) : 0;
}

/* slow.  A site for a name made at run time (the functions of a module, say).  The same name and kind give the same
 * site; it lives as long as the process, nobody frees it, `name` is copied.  `flags`: a kind, and SGPERF_SITE_HIST.
 * Errors: -EINVAL, -ENOSPC (no more dynamic sites).  Without a runtime: 0, and a site that is off for good. */
SGPERF_I_FN int sgperf_site_intern(sgperf_site **out, const char *name, uint32_t flags) {
  static sgperf_site off = {sizeof(sgperf_site), 0, "", "", 0, 0};
  const struct sgperf_ops *ops = sgperf_i_runtime();
  if (SGPERF_I_HAS(ops, site_intern)) return ops->site_intern(out, name, flags);
  *out = &off;
  return 0;
}

/* slow.  Switches every site whose name matches `globs` ("threei::*,!threei::copy*": `*`, `?`; a later item wins; a
 * list that begins with `!` means all but these), now and for sites seen later.  Scopes open at this moment end as they
 * began: no bogus durations.  Returns the number of known names that matched (>= 0), or -EINVAL, -E2BIG. */
SGPERF_I_FN int sgperf_enable(const char *globs, int on) {
  SGPERF_I_CALL(enable, (globs, on));
}

/* slow, ~2 us: fenced time, resource usage.  A phase is a coarse region of the process ("compile", "execute").  Phases
 * nest per thread; the end is found by name and cookie, also from another thread; inner phases of the same thread that
 * are still open are closed as aborted.  `name` is copied; `cookie` tells concurrent phases of one name apart.
 * Errors: -EINVAL, -ENOSPC (counted as dropped), -ENOENT (no such open phase), -EBUSY (in a signal handler). */
SGPERF_I_FN int sgperf_phase_begin(const char *name, uint64_t cookie) {
  SGPERF_I_CALL(phase_begin, (name, cookie));
}
SGPERF_I_FN int sgperf_phase_end(const char *name, uint64_t cookie) {
  SGPERF_I_CALL(phase_end, (name, cookie));
}

/* slow.  Bodies of the wasm imports bench.start and bench.end.  `id` tells instances apart.
 * Errors: -EALREADY (already started), -ENOENT (end without start), -ENOSPC, -EBUSY. */
SGPERF_I_FN int sgperf_bench_start(uint64_t id) {
  SGPERF_I_CALL(bench_start, (id));
}
SGPERF_I_FN int sgperf_bench_end(uint64_t id) {
  SGPERF_I_CALL(bench_end, (id));
}

/* slow.  New machine code at opts->addr; name and bytes are copied into the code file before the call returns.
 * Errors: -EINVAL, -E2BIG (options of a newer header that this runtime cannot honour), -ENOSPC (counted as dropped). */
SGPERF_I_FN int sgperf_jit_register(const struct sgperf_jit_opts *opts) {
  SGPERF_I_CALL(jit_register, (opts));
}
/* slow.  The code at `addr` is about to go away. */
SGPERF_I_FN int sgperf_jit_unregister(const void *addr) {
  SGPERF_I_CALL(jit_unregister, (addr));
}

/* slow.  Name of the calling thread in reports, cut at 15 bytes; the kernel's name is left alone. */
SGPERF_I_FN int sgperf_thread_name(const char *name) {
  SGPERF_I_CALL(thread_name, (name));
}

/* slow.  The process's own table: one row a site, in the order of first use, all threads summed.  Writes at most
 * `capacity` rows (rows may be NULL with 0) and returns how many there are, or a negative errno. */
SGPERF_I_FN long sgperf_snapshot(sgperf_row *rows, size_t capacity) {
  SGPERF_I_CALL(snapshot, (rows, capacity, sizeof(sgperf_row)));
}

/* Reset by difference: rows less what `base`, an earlier snapshot, had.  Nothing in the session is ever set back, so
 * that several parts of a program can "reset" without disturbing each other.  min and max stay those of the session. */
SGPERF_I_FN void sgperf_snapshot_subtract(sgperf_row *rows, size_t count, const sgperf_row *base, size_t base_count) {
  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; k < base_count; k++) { /* at the same place, or one before it: found at once */
      const sgperf_row *old = &base[(i + base_count - k) % base_count];
      if (rows[i].kind != old->kind || __builtin_strcmp(rows[i].name, old->name) != 0) continue;
      rows[i].count -= old->count;
      rows[i].total -= old->total < rows[i].total ? old->total : rows[i].total;
      rows[i].self -= old->self < rows[i].self ? old->self : rows[i].self;
      break;
    }
  }
}

/* slow.  Everything is in shared memory already; writes out what is not (perf map, jitdump). */
SGPERF_I_FN int sgperf_flush(void) {
  SGPERF_I_CALL(flush, ());
}

/* once.  Ends measuring in this process: all sites go off, the session stays readable. */
SGPERF_I_FN int sgperf_detach(void) {
  SGPERF_I_CALL(detach, ());
}

SGPERF_I_HOT int sgperf_i_jit_load(const char *name, const void *addr, size_t size) {
  struct sgperf_jit_opts opts = SGPERF_JIT_OPTS_INIT;
  opts.name = name;
  opts.addr = addr;
  opts.size = size;
  return sgperf_jit_register(&opts);
}

/* ---------------------------------------- macros -------------------------------------------------------------- */

#define SGPERF_I_PASTE2(a, b) a##b
#define SGPERF_I_PASTE(a, b) SGPERF_I_PASTE2(a, b)
/* Lines and not __COUNTER__: an inline function is the same text in every translation unit. */
#define SGPERF_I_UNIQUE(prefix) SGPERF_I_PASTE(prefix, __LINE__)
#define SGPERF_I_FIRST(a, ...) a
#define SGPERF_I_SECOND(a, b, ...) b
/* "" name: only a literal can be a static initialiser in both languages, and says so when it is something else. */
#define SGPERF_I_SITE(id, name, flags)                                                                                 \
  static sgperf_site id __attribute__((unused)) = {sizeof(sgperf_site), -1, "" name "", __FILE__, __LINE__, (flags)}

/* A prepared site, at file or block scope, for SGPERF_SCOPE_C, SGPERF_BEGIN and the functions:
 *     SGPERF_SITE(lookup_site, "cache::lookup");
 * _HIST keeps a log2 histogram of its durations as well (<= 1.25 x a scope). */
#define SGPERF_SITE(id, name) SGPERF_I_SITE(id, name, SGPERF_SITE_SCOPE)
#define SGPERF_SITE_HIST(id, name) SGPERF_I_SITE(id, name, SGPERF_SITE_SCOPE | 0x100u)

#ifndef SGPERF_DISABLE

#define SGPERF_I_SCOPE(frame, site, begin, end)                                                                        \
  sgperf_frame frame __attribute__((cleanup(end)));                                                                    \
  begin(&(site), &frame)

/* hot.  From here to the end of the enclosing block, however it is left (return, break, goto, C++ exception).  `name`
 * is a literal "module::name".  One a line. */
#define SGPERF_SCOPE(name)                                                                                             \
  SGPERF_I_SITE(SGPERF_I_UNIQUE(sgperf_i_site_), name, SGPERF_SITE_SCOPE);                                             \
  SGPERF_I_SCOPE(SGPERF_I_UNIQUE(sgperf_i_frame_), SGPERF_I_UNIQUE(sgperf_i_site_), sgperf_scope_begin,                \
                 sgperf_scope_end)
#define SGPERF_SCOPE_C(site)                                                                                           \
  SGPERF_I_SCOPE(SGPERF_I_UNIQUE(sgperf_i_frame_c_), site, sgperf_scope_begin, sgperf_scope_end)
#define SGPERF_SCOPE_FENCED(name)                                                                                      \
  SGPERF_I_SITE(SGPERF_I_UNIQUE(sgperf_i_site_f_), name, SGPERF_SITE_SCOPE | 0x200u);                                  \
  SGPERF_I_SCOPE(SGPERF_I_UNIQUE(sgperf_i_frame_f_), SGPERF_I_UNIQUE(sgperf_i_site_f_), sgperf_scope_begin_fenced,     \
                 sgperf_scope_end_fenced)

/* hot.  The explicit pair, for C with `goto cleanup` and for scopes that are no block:
 *     sgperf_frame frame;  SGPERF_BEGIN(frame, lookup_site);  ...  SGPERF_END(frame);       (SGPERF_END(frame, site)
 * too) */
#define SGPERF_BEGIN(frame, site) sgperf_scope_begin(&(site), &(frame))
#define SGPERF_END(...) sgperf_scope_end(&(SGPERF_I_FIRST(__VA_ARGS__, 0)))

/* hot.  `n` and `value` are converted to uint64_t. */
#define SGPERF_COUNT(name, n)                                                                                          \
  do {                                                                                                                 \
    SGPERF_I_SITE(SGPERF_I_UNIQUE(sgperf_i_counter_), name, SGPERF_SITE_COUNTER);                                      \
    sgperf_counter_add(&SGPERF_I_UNIQUE(sgperf_i_counter_), (uint64_t)(n));                                            \
  } while (0)
#define SGPERF_GAUGE_MAX(name, value)                                                                                  \
  do {                                                                                                                 \
    SGPERF_I_SITE(SGPERF_I_UNIQUE(sgperf_i_gauge_), name, SGPERF_SITE_GAUGE);                                          \
    sgperf_gauge_max(&SGPERF_I_UNIQUE(sgperf_i_gauge_), (uint64_t)(value));                                            \
  } while (0)

/* slow.  SGPERF_PHASE_BEGIN("compile") or SGPERF_PHASE_BEGIN("compile", cookie); the end takes the same. */
#define SGPERF_PHASE_BEGIN(...)                                                                                        \
  ((void)sgperf_phase_begin(SGPERF_I_FIRST(__VA_ARGS__, 0), SGPERF_I_SECOND(__VA_ARGS__, 0, 0)))
#define SGPERF_PHASE_END(...)                                                                                          \
  ((void)sgperf_phase_end(SGPERF_I_FIRST(__VA_ARGS__, 0), SGPERF_I_SECOND(__VA_ARGS__, 0, 0)))
#define SGPERF_BENCH_START(id) ((void)sgperf_bench_start(id))
#define SGPERF_BENCH_END(id) ((void)sgperf_bench_end(id))
#define SGPERF_JIT_LOAD(name, addr, size) ((void)sgperf_i_jit_load(name, addr, size))
#define SGPERF_JIT_UNLOAD(addr) ((void)sgperf_jit_unregister(addr))
#define SGPERF_THREAD_NAME(name) ((void)sgperf_thread_name(name))

#else /* SGPERF_DISABLE: types are checked, nothing is evaluated */

#define SGPERF_I_CHECK(type, expression) ((void)sizeof((type)(expression)))
#define SGPERF_SCOPE(name) ((void)sizeof("" name ""))
#define SGPERF_SCOPE_C(site) ((void)sizeof((&(site))->slot))
#define SGPERF_SCOPE_FENCED(name) ((void)sizeof("" name ""))
#define SGPERF_BEGIN(frame, site) ((void)sizeof((&(site))->slot), (void)sizeof((&(frame))->t0))
#define SGPERF_END(...) ((void)sizeof((&(SGPERF_I_FIRST(__VA_ARGS__, 0)))->t0))
#define SGPERF_COUNT(name, n) ((void)sizeof("" name ""), SGPERF_I_CHECK(uint64_t, n))
#define SGPERF_GAUGE_MAX(name, value) ((void)sizeof("" name ""), SGPERF_I_CHECK(uint64_t, value))
#define SGPERF_PHASE_BEGIN(...)                                                                                        \
  ((void)sizeof(sgperf_phase_begin(SGPERF_I_FIRST(__VA_ARGS__, 0), SGPERF_I_SECOND(__VA_ARGS__, 0, 0))))
#define SGPERF_PHASE_END(...)                                                                                          \
  ((void)sizeof(sgperf_phase_end(SGPERF_I_FIRST(__VA_ARGS__, 0), SGPERF_I_SECOND(__VA_ARGS__, 0, 0))))
#define SGPERF_BENCH_START(id) ((void)sizeof(sgperf_bench_start(id)))
#define SGPERF_BENCH_END(id) ((void)sizeof(sgperf_bench_end(id)))
#define SGPERF_JIT_LOAD(name, addr, size) ((void)sizeof(sgperf_i_jit_load(name, addr, size)))
#define SGPERF_JIT_UNLOAD(addr) ((void)sizeof(sgperf_jit_unregister(addr)))
#define SGPERF_THREAD_NAME(name) ((void)sizeof(sgperf_thread_name(name)))

#endif

#ifdef __cplusplus
}
#endif
#endif
