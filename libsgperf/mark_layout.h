/* SPDX-License-Identifier: Apache-2.0 */
/* The marks of a benchmark, as system calls: what a rewritten module, a preloaded one or a script does where nobody
 * supplies bench.start and bench.end, and what the preloaded library takes for them.  The library makes a record and
 * keeps the call from the kernel; where it is not there, the call does nothing.
 *
 *   writev(any, v, 3)   all lengths 0, v[1].base - v[0].base == SGPERF_MARK_COMMON,
 *                       v[2].base - v[1].base == SGPERF_MARK_START or SGPERF_MARK_END
 *   clock_nanosleep(CLOCK_MONOTONIC, 0, {0, SGPERF_MARK_START_NS or SGPERF_MARK_END_NS}, any)
 *
 * Frozen: modules with these numbers in them are kept and run again. */
#ifndef SGPERF_MARK_LAYOUT_H
#define SGPERF_MARK_LAYOUT_H

#define SGPERF_MARK_BUFFERS 3
#define SGPERF_MARK_COMMON 0x5347 /* together less than a page of Wasm, 64 KiB */
#define SGPERF_MARK_START 0x5042
#define SGPERF_MARK_END 0x5045
#define SGPERF_MARK_START_NS 853 /* as short as may be: it is slept where nobody keeps it from the kernel */
#define SGPERF_MARK_END_NS 857

#endif
