/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Of libsgperf/session_layout.h, what the programs read in a process's memory; probes.cc asserts that it is the same.
 */
#ifndef SGPERF_PROBES_SESSION_OFFSETS_H
#define SGPERF_PROBES_SESSION_OFFSETS_H

#define SGPERF_HEADER_MAGIC 0x0100465245504753ull /* "SGPERF\0\1" */
#define SGPERF_HEADER_PHASE_NOW 148
#define SGPERF_HEADER_TLS_OFFSET 152

#define SGPERF_KNOCK_REQUEST_NUMBER 0x53475046u
#define SGPERF_KNOCK_BYTES 48
#define SGPERF_KNOCK_KIND_PUBLISHED 1
#define SGPERF_KNOCK_KIND_GONE 2
#define SGPERF_HIT_ROLE_ENTRY 1
/* Beside those of breakpoints: the marks of a benchmark, heard as system calls; record::hit_bench_*. */
#define SGPERF_HIT_ROLE_BENCH_START 18
#define SGPERF_HIT_ROLE_BENCH_END 19

#endif
