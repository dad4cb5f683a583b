/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The table of sums, shared by the programs and the loader: rows of one size, each in one writer's hands.
 *
 * A row belongs to one thread and one key, so that its sums need no atomics; who it belongs to is looked up once for
 * each key and cached in the thread's storage.  The rows of a thread are a list: when the thread ends, the loader takes
 * them out and gives them back. */
#ifndef SGPERF_PROBES_ROWS_H
#define SGPERF_PROBES_ROWS_H

#include "events.h"

struct sgperf_sum_key {
  uint32_t pid, tid;
  struct sgperf_event_tag tag;
  uint32_t image;  /* programs that the process has executed before */
  uint32_t number; /* SGPERF_NUMBER_* */
};

/* What a row is of: a system call's number (of the 32-bit entry with _COMPAT), or page faults. */
enum {
  SGPERF_NUMBER_COMPAT = 512,
  SGPERF_NUMBER_ODD = 511, /* no such call: the number was above it; with _COMPAT too */
  SGPERF_NUMBER_FAULTS = 1024,
  SGPERF_NUMBERS = 1025,
};

#define SGPERF_ERRNO_SLOTS 8
#define SGPERF_BUCKETS 40 /* the last one has everything from 2^39 ns, nine minutes */

/* 64-bit words; in a row of page faults: count = of user space, errors = of the kernel, max_ns = major ones. */
struct sgperf_sum_row {
  struct sgperf_sum_key key;
  uint32_t next;  /* of the same thread, 0 = none */
  uint32_t index; /* of itself */
  uint64_t count, unreturned, errors, total_ns, blocked_ns, max_ns, bytes_in, bytes_out;
  uint64_t errnos[SGPERF_ERRNO_SLOTS]; /* errno << 48 | calls; 0 = free */
  uint64_t histogram[SGPERF_BUCKETS];
};
#define SGPERF_ERRNO_SHIFT 48

/* Rows below row_first_count are one array, which the loader maps too; row 0 is none.  Those above are elements of a
 * hash map, which the kernel allocates one by one: 30 ns more a call, but no memory before they are needed, and no
 * waiting for a loader that makes room.  (An array of arrays that grows takes a grace period each time, 10 to 30 ms,
 * which a burst of new rows does not wait for.) */
#define SGPERF_ROWS_AT_START 4096
#define SGPERF_ROWS_MAX (1u << 20)

#endif
