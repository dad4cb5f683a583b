/* SPDX-License-Identifier: Apache-2.0 */
/* The start of the library and its one entry: the table of functions that sgperf.h calls. */
#include "libsgperf/runtime.h"

#include <string.h>

/* Whether this thread has at least one of those asked for. */
static int phase_counters(void) {
  sgperf_block *block = sgp_attach();
  if (!sgp_lock()) return 0;
  int works = sgp_pmc_works(block);
  sgp_unlock();
  return works;
}

static int feature(const char *name) {
  if (!name || !sgp_live()) return 0;
  static const char *const always[] = {"session", "phase.bench", "jit.code"};
  for (size_t i = 0; i < sizeof always / sizeof *always; i++)
    if (strcmp(name, always[i]) == 0) return 1;
  if (strncmp(name, "timer.", 6) == 0) sgp_attach(); /* decides */
  if (strcmp(name, "timer.tsc") == 0) return sgp.timer == SGPERF_TIMER_TSC;
  if (strcmp(name, "timer.clock") == 0) return sgp.timer == SGPERF_TIMER_CLOCK;
  if (strcmp(name, "histogram") == 0) return sgp.histogram_capacity != 0;
  if (strcmp(name, "phase.usage") == 0) return sgp.calls == SGP_CALLS_ALL;
  if (strcmp(name, "jit.perfmap") == 0) return sgp_jit_wants_perf_map();
  if (strcmp(name, "jit.jitdump") == 0) return sgp_jit_wants_jitdump();
  if (strcmp(name, "fork.follow") == 0) return sgp.fork_follow;
  if (strcmp(name, "seccomp") == 0) return sgp.calls != SGP_CALLS_ALL;
  if (strcmp(name, "phase.pmc") == 0) return phase_counters();
  return 0;
}

static int flush(void) {
  return 0;
} /* shared memory needs none, and the JIT files are written line by line */

static int detach(void) {
  if (!sgp_live()) return 0;
  sgp_sites_off();
  if (sgp_lock()) {
    sgp_engine_all_end();
    sgp_pmc_close();
    sgp_unlock();
  }
  sgp.header->flags |= SGPERF_SESSION_FLAG_DETACHED;
  sgp_usage(&sgp.header->usage);
  sgperf_anchor end;
  sgp_anchor(&end);
  if (end.uncertainty) sgp.header->end = end;
  __atomic_store_n(&sgp.header->state, SGPERF_SESSION_EXITED, __ATOMIC_RELEASE);
  __atomic_store_n(&sgp.mode, SGP_DETACHED, __ATOMIC_RELEASE);
  return 0;
}

static const struct sgperf_ops ops = {
    .struct_size = sizeof(struct sgperf_ops),
    .version = SGPERF_VERSION,
    .attach_thread = sgp_attach,
    .register_site = sgp_register_site,
    .end_foreign = sgp_end_foreign,
    .clock_ns = sgp_clock_raw,
    .site_intern = sgp_site_intern,
    .enable = sgp_enable,
    .phase_begin = sgp_phase_begin,
    .phase_end = sgp_phase_end,
    .bench_start = sgp_bench_start,
    .bench_end = sgp_bench_end,
    .jit_register = sgp_jit_register,
    .jit_unregister = sgp_jit_unregister,
    .thread_name = sgp_thread_name,
    .snapshot = sgp_snapshot,
    .feature = feature,
    .flush = flush,
    .detach = detach,
};

const struct sgperf_ops *sgperf_i_runtime(void) {
  return &ops;
}

__attribute__((visibility("default"))) const struct sgperf_ops *sgperf_runtime_v1(uint32_t header_abi);
__attribute__((visibility("default"))) const struct sgperf_ops *sgperf_runtime_v1(uint32_t header_abi) {
  return header_abi / 10000 == SGPERF_VERSION_MAJOR ? &ops : NULL;
}

/* With -z initfirst the first constructor of the process: glibc hands every constructor the program's arguments. libc's
 * own has not run, so nothing here may use stdio, malloc or environ.  initfirst holds for one library of a process;
 * where another took it, or we came by dlopen, sites that were used before are off. */
__attribute__((constructor)) static void start(int argc, char **argv, char **envp) {
  if (!sgp_is_glibc()) return;
  struct sgp_start arguments = {argc, argv, envp};
  sgp_session_start(&arguments);
}
