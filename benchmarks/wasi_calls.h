/* SPDX-License-Identifier: Apache-2.0 */
/* What the workloads of wasi.suite share: a fixed number of equal calls between the marks, each checked.
 *
 * The module calls the WASI function itself, without the C library around it; the native object calls the function of
 * the C library that does the same.  The number of calls is CALLS, given by the build, which also writes it to
 * <name>.calls: a report divides by it.
 */
#ifndef SGPERF_WASI_CALLS_H
#define SGPERF_WASI_CALLS_H

#include "sgperf_bench.h"

#ifdef __wasm__
#include <wasi/api.h>
#else
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/random.h>
#include <time.h>
#endif

#ifndef CALLS
#error "build with -DCALLS=<number of calls>"
#endif

/* `call` is an expression that is 1 when the call answered as expected. */
#define BENCH_CALLS(call)                                                                                              \
  do {                                                                                                                 \
    uint64_t good = 0;                                                                                                 \
    bench_start();                                                                                                     \
    for (uint32_t i = 0; i < CALLS; i++) good += (uint64_t)(call);                                                     \
    bench_end();                                                                                                       \
    bench_print("calls", CALLS);                                                                                       \
    bench_print("as-expected", good);                                                                                  \
    return good == CALLS ? 0 : 1;                                                                                      \
  } while (0)

#endif
