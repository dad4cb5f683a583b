/* SPDX-License-Identifier: Apache-2.0 */
/* Traps and exits of an artefact.  Not a source of the adapter: text that is compiled with the C compiler in use, once,
 * and kept in the cache (runtime_source.cc). */
#include "aot.h"

static void sgperf_trap(int code);
#define WASM_RT_TRAP_HANDLER(code) sgperf_trap((int)(code))
#include "wasm-rt-impl.c"

/* wasm-rt's own wasm_rt_impl_try() saves the signal mask, which is a system call at every call of an exported function.
 * Only a trap that came as a signal has changed the mask, so it is repaired then. */
static sigjmp_buf sgperf_return;
static int sgperf_inside;

static void sgperf_trap(int code) {
  if (!sgperf_inside) { /* a fault outside of the guest is not the guest's: let it kill the process */
    signal(SIGSEGV, SIG_DFL);
    signal(SIGBUS, SIG_DFL);
    raise(SIGSEGV);
    return;
  }
  siglongjmp(sgperf_return, code);
}

/* wasm_rt_init() without its static "done" flag, and keeping a signal stack that is there already. */
void sgperf_aot_activate(void) {
#if WASM_RT_MEMCHECK_SIGNAL_HANDLER
  stack_t old;
  if (sigaltstack(NULL, &old) || (old.ss_flags & SS_DISABLE)) {
    wasm_rt_init();
  } else {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    action.sa_sigaction = os_signal_handler;
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    g_signal_handler_installed = true;
  }
#else
  wasm_rt_init();
#endif
}

int sgperf_aot_try_call(void (*body)(void *), void *argument) {
  int code = sigsetjmp(sgperf_return, 0);
  if (!code) {
    sgperf_inside = 1;
    body(argument);
  } else if (code != SGPERF_AOT_EXITED) {
    sigset_t faults;
    sigemptyset(&faults);
    sigaddset(&faults, SIGSEGV);
    sigaddset(&faults, SIGBUS);
    sigprocmask(SIG_UNBLOCK, &faults, NULL);
  }
  sgperf_inside = 0;
  return code;
}

void sgperf_aot_leave(void) {
  siglongjmp(sgperf_return, SGPERF_AOT_EXITED);
}

const char *sgperf_aot_trap_text(int trap) {
  return wasm_rt_strerror((wasm_rt_trap_t)trap);
}

/* wasm_rt_free_memory() gives back the used part of the 8 GiB that were reserved: after some thousand instances the
 * address space would be full. */
void sgperf_aot_free_memory(wasm_rt_memory_t *memory) {
#if WASM_RT_MEMCHECK_SIGNAL_HANDLER
  munmap(memory->data, 0x200000000ul);
#else
  (void)memory;
#endif
}
