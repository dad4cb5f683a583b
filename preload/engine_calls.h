/* SPDX-License-Identifier: Apache-2.0 */
/* engine_calls.h - wrappers around the C APIs of engines (wasm_h.c, wasmtime_h.c, ..), for hosts that link one
 * dynamically: phases, calls of guest functions as scopes, the bytes of modules.  Always forwarded.
 *
 * They are defined under the node SGPERF_ENGINES_1.0 of the library, hidden (one @) and in the first node: the static
 * linker never takes them for a definition and dlsym() does not find them, but the loader binds unversioned references
 * to them.  So they stand in front of an engine that is loaded, and never stand in for one.
 *
 * Only parameters in registers or whole words on the stack are declared: what an older or newer API passes less is
 * handed on unread. */
#ifndef SGPERF_ENGINE_CALLS_H
#define SGPERF_ENGINE_CALLS_H

#include "libsgperf/runtime.h"

struct sgp_engine_call {
  const char *name;
  void *real; /* atomic; what every caller's reference would be bound to without us; NULL = to be asked for */
  bool local; /* atomic; some callers have one of their own, in no global scope */
};
#define SGP_ENGINE_CALL(name)                                                                                          \
  { name, NULL, false }

/* What a call from `caller` (a return address) forwards to; ends the program as the loader would if there is none. */
void *sgp_engine_find(struct sgp_engine_call *call, const void *caller);

/* The library that a function is in, its other functions, and giving it back. */
void *sgp_engine_library(const void *function);
void *sgp_engine_symbol(void *library, const char *name);
void sgp_engine_library_close(void *library);

static inline __attribute__((always_inline)) void *sgp_engine_real(struct sgp_engine_call *call, const void *caller) {
  void *real = __atomic_load_n(&call->real, __ATOMIC_ACQUIRE);
  return __builtin_expect(real != NULL, 1) ? real : sgp_engine_find(call, caller);
}

/* ---- calls of guest functions: engine_execute.c ---- */
struct sgp_engine_thread {
  uintptr_t frame; /* of the outermost call, 0 = none: deeper ones have lower addresses */
  bool lasting;    /* one phase for all calls from here on: it ends with the last of them */
  uint32_t record; /* + 1, of the lasting phase; 0 = there was no place for it */
};
struct sgp_engine_execution {
  sgperf_frame scope;
  struct sgp_engine_thread *thread; /* NULL: not the outermost call */
};
extern __thread struct sgp_engine_thread *sgp_engine_thread
    __attribute__((tls_model("initial-exec"), visibility("hidden")));
struct sgp_engine_thread *sgp_engine_attach(void);
void sgp_engine_outermost(struct sgp_engine_thread *thread, uintptr_t frame);
void sgp_engine_outermost_ends(struct sgp_engine_thread *thread);

static inline __attribute__((always_inline)) void sgp_engine_execute_begin(struct sgp_engine_execution *out,
                                                                           sgperf_site *site) {
  const uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
  struct sgp_engine_thread *thread = sgp_engine_thread;
  if (__builtin_expect(!thread, 0)) thread = sgp_engine_attach();
  out->thread = NULL;
  if (thread && (!thread->frame || frame >= thread->frame)) {
    out->thread = thread;
    if (thread->lasting)
      thread->frame = frame;
    else
      sgp_engine_outermost(thread, frame);
  }
  sgperf_scope_begin(site, &out->scope);
}
static inline __attribute__((always_inline)) void sgp_engine_execute_end(struct sgp_engine_execution *execution) {
  sgperf_scope_end(&execution->scope);
  if (execution->thread) sgp_engine_outermost_ends(execution->thread);
}

/* ---- module_bytes.c ---- */
/* A copy beside the session, once for the same bytes; what is no core module is passed over. */
void sgp_module_bytes(const void *bytes, size_t size);

/* ---- the wrappers ----
 *
 * SGP_WRAP(phase, kept, result, name, (parameters), (arguments)); `kept` is a statement done after the call, outside of
 * the phase.  `phase` is evaluated before it, once.  Without a result: SGP_WRAP_VOID. */
#define SGP_DEFINE(result, name, parameters)                                                                           \
  typedef result sgp_real_##name parameters;                                                                           \
  static struct sgp_engine_call sgp_call_##name = SGP_ENGINE_CALL(#name);                                              \
  result sgp_wrap_##name parameters;                                                                                   \
  __asm__(".symver sgp_wrap_" #name "," #name "@SGPERF_ENGINES_1.0");                                                  \
  __attribute__((visibility("default"))) result sgp_wrap_##name parameters
#define SGP_REAL(name) ((sgp_real_##name *)(uintptr_t)sgp_engine_real(&sgp_call_##name, __builtin_return_address(0)))

#define SGP_WRAP(phase, kept, result, name, parameters, arguments)                                                     \
  SGP_DEFINE(result, name, parameters) {                                                                               \
    sgp_real_##name *real = SGP_REAL(name);                                                                            \
    if (!sgp_live()) return real arguments;                                                                            \
    const char *const named = phase;                                                                                   \
    const bool phased = sgp_engine_phase_begin(named);                                                                 \
    result value = real arguments;                                                                                     \
    if (phased) sgp_engine_phase_end(named);                                                                           \
    kept;                                                                                                              \
    return value;                                                                                                      \
  }
#define SGP_WRAP_VOID(phase, name, parameters, arguments)                                                              \
  SGP_DEFINE(void, name, parameters) {                                                                                 \
    sgp_real_##name *real = SGP_REAL(name);                                                                            \
    const bool phased = sgp_live() && sgp_engine_phase_begin(phase);                                                   \
    real arguments;                                                                                                    \
    if (phased) sgp_engine_phase_end(phase);                                                                           \
  }
#define SGP_WRAP_EXECUTE(site_name, result, name, parameters, arguments)                                               \
  static sgperf_site sgp_site_##name = {sizeof(sgperf_site), -1, site_name, "", 0, SGPERF_SITE_SCOPE};                 \
  SGP_DEFINE(result, name, parameters) {                                                                               \
    sgp_real_##name *real = SGP_REAL(name);                                                                            \
    if (!sgp_live()) return real arguments;                                                                            \
    struct sgp_engine_execution execution;                                                                             \
    sgp_engine_execute_begin(&execution, &sgp_site_##name);                                                            \
    result value = real arguments;                                                                                     \
    sgp_engine_execute_end(&execution);                                                                                \
    return value;                                                                                                      \
  }

#endif
