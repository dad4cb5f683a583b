/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled with -DSCOPE_LOOPS=scope_loops_<build>; see scope_loops.h.  Loop alignment by the compiler is switched off
 * in meson.build, so that the offsets here decide. */
#include "scope_loops.h"

#include <sgperf/sgperf.h>

#define STRING2(x) #x
#define STRING1(x) STRING2(x)
#define NAME(what) STRING1(SCOPE_LOOPS) "::" what

/* The body of each scope: memory may have changed, so nothing is kept in registers from one scope to the next. */
#define BODY() __asm__ volatile("" : : : "memory")

#define LOOP(kind, pad, ...)                                                                                           \
  __attribute__((noinline, aligned(64))) static void kind##_##pad(uint64_t n) {                                        \
    __asm__ volatile(".if " #pad "\n\t.skip " #pad ", 0x90\n\t.endif");                                                \
    for (; n != 0; --n) __VA_ARGS__                                                                                    \
  }
#define COPIES(kind, ...)                                                                                              \
  LOOP(kind, 0, __VA_ARGS__)                                                                                           \
  LOOP(kind, 8, __VA_ARGS__)                                                                                           \
  LOOP(kind, 16, __VA_ARGS__)                                                                                          \
  LOOP(kind, 24, __VA_ARGS__)                                                                                          \
  LOOP(kind, 32, __VA_ARGS__)                                                                                          \
  LOOP(kind, 40, __VA_ARGS__)                                                                                          \
  LOOP(kind, 48, __VA_ARGS__)                                                                                          \
  LOOP(kind, 56, __VA_ARGS__)
#define TABLE(kind)                                                                                                    \
  { kind##_0, kind##_8, kind##_16, kind##_24, kind##_32, kind##_40, kind##_48, kind##_56 }

/* The twins as an FFI user sees them: functions of libsgperf, no inline code.  Own names, because the header's inline
 * functions have the real ones; the assembler name binds them to the library. */
extern void twin_scope_begin(sgperf_site *site, sgperf_frame *frame) __asm__("sgperf_scope_begin");
extern void twin_scope_end(sgperf_frame *frame) __asm__("sgperf_scope_end");

COPIES(empty, { BODY(); })
COPIES(live, {
  SGPERF_SCOPE(NAME("live"));
  BODY();
})
COPIES(off, {
  SGPERF_SCOPE(NAME("off"));
  BODY();
})
COPIES(fenced, {
  SGPERF_SCOPE_FENCED(NAME("fenced"));
  BODY();
})
COPIES(counter, {
  SGPERF_COUNT(NAME("counter"), 1);
  BODY();
})

/* Sites written out: all copies of a loop share one, and the histogram flag is set without a macro of its own. */
static sgperf_site hist_site = {sizeof(sgperf_site), -1, NAME("hist"), __FILE__, __LINE__, SGPERF_SITE_HIST};
static sgperf_site twin_site = {sizeof(sgperf_site), -1, NAME("twin"), __FILE__, __LINE__, SGPERF_SITE_SCOPE};
COPIES(hist, {
  sgperf_frame frame;
  sgperf_scope_begin(&hist_site, &frame);
  BODY();
  sgperf_scope_end(&frame);
})
COPIES(twin, {
  sgperf_frame frame;
  twin_scope_begin(&twin_site, &frame);
  BODY();
  twin_scope_end(&frame);
})

extern const struct scope_loops SCOPE_LOOPS;
__attribute__((visibility("default"))) const struct scope_loops SCOPE_LOOPS = {
    .empty = TABLE(empty),
    .live = TABLE(live),
    .hist = TABLE(hist),
    .fenced = TABLE(fenced),
    .off = TABLE(off),
    .counter = TABLE(counter),
    .twin = TABLE(twin),
};
