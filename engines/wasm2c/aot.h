/* SPDX-License-Identifier: Apache-2.0 */
/* What an artefact, a shared object made by wasm2c and a C compiler, offers to the adapter.  This header is compiled
 * into the adapter and into every artefact (which has it as text, runtime_source.cc): a change needs a new
 * SGPERF_AOT_VERSION, and artefacts of another version are refused. */
#ifndef SGPERF_AOT_H
#define SGPERF_AOT_H

#include <stddef.h>
#include <stdint.h>

#define SGPERF_AOT_VERSION 2u
#define SGPERF_AOT_EXITED (-1) /* try_call: the guest was left through leave() */

struct sgperf_aot_import {
  const char *module, *field;
  const char *signature; /* "iiii>i": i I f F as in engines/wasi/wasi.h */
};

struct sgperf_aot_export {
  const char *name;
  const char *signature;
  /* So many calls in a row; the result is that of the last.  f32 in the low half. */
  void (*call)(void *instance, const uint64_t *args, uint64_t *results, uint64_t times);
};

/* What provides import n.  Functions of module "bench" get (context) alone, all others (context, memory, memory_size,
 * args ..). */
struct sgperf_aot_binding {
  void (*function)(void);
  void *context;
};

struct sgperf_aot {
  uint32_t version, import_count, export_count, rsv;
  const struct sgperf_aot_import *imports;
  const struct sgperf_aot_export *exports;
  size_t instance_size; /* zero-filled memory for instantiate() */
  /* Both run inside try_call. `bindings` lives as long as the instance. */
  void (*instantiate)(void *instance, const struct sgperf_aot_binding *bindings);
  void (*free_instance)(void *instance);
  /* Runs body(argument): 0, the number of a trap (trap_text), or SGPERF_AOT_EXITED.  Not nested. */
  /* Makes the faults of this process those of this artefact's guest.  Needed before try_call if another artefact's was
   * called last: each has handlers of its own. */
  void (*activate)(void);
  int (*try_call)(void (*body)(void *), void *argument);
  void (*leave)(void); /* from inside try_call; does not return */
  const char *(*trap_text)(int trap);
};

#define SGPERF_AOT_SYMBOL "sgperf_aot_v1"

#endif
