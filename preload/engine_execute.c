/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of guest functions.  Each is a scope; the outermost of a thread are also in the phase "execute".
 *
 * A phase costs a microsecond and a record, of which there are 4096, and some hosts make millions of calls.  So the
 * first calls of the process are a phase each; from then on a thread has one phase for all its calls up to its next
 * compile, instantiate and so on, the host's time between them included.  The scope has the sums of all calls.
 *
 * A call that was left by longjmp() or an exception is recognised by the stack pointer: a call further up on the stack
 * cannot be inside it. */
#include "preload/engine_calls.h"

enum { EXACT = 256 };
static uint32_t calls; /* atomic */
static struct sgp_engine_thread threads[SGP_MAX_BLOCKS] SGP_TABLE;
__thread struct sgp_engine_thread *sgp_engine_thread = NULL;

/* NULL: a thread without a block of its own. */
struct sgp_engine_thread *sgp_engine_attach(void) {
  sgperf_block *block = sgp_attach();
  if (sgp_is_session_block(block)) sgp_engine_thread = &threads[sgp_block_index(block)];
  return sgp_engine_thread;
}

static const char execute[] = "execute";

void sgp_engine_outermost(struct sgp_engine_thread *thread, uintptr_t frame) {
  if (thread->frame) sgp_engine_phase_end(execute); /* left without a return */
  thread->frame = frame;
  if (__atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED) < EXACT) {
    /* Not begun: the program has phases of its own, or we are inside a call that a library made through another API. */
    if (!sgp_engine_phase_begin(execute)) thread->frame = 0;
    return;
  }
  thread->lasting = true;
  thread->record = sgp_engine_phase_begin_lasting(execute);
}

void sgp_engine_outermost_ends(struct sgp_engine_thread *thread) {
  if (!sgp_live() || !thread->frame) return;
  thread->frame = 0;
  if (!thread->lasting)
    sgp_engine_phase_end(execute);
  else if (thread->record)
    sgp.phases[thread->record - 1].t1 = sgp_now(); /* what it ends with, should nothing follow */
}

static void close_lasting(struct sgp_engine_thread *thread) {
  if (!thread->lasting) return;
  thread->lasting = false;
  if (thread->record) sgp_engine_phase_end_lasting(thread->record - 1);
  thread->record = 0;
}

/* Not while a call goes on: what the host does then is inside it. */
void sgp_engine_thread_closes(sgperf_block *block) {
  struct sgp_engine_thread *thread = &threads[sgp_block_index(block)];
  if (!thread->frame) close_lasting(thread);
}

/* A call that goes on ends with its thread, or with the program. */
static void end(struct sgp_engine_thread *thread) {
  if (thread->frame && thread->lasting && thread->record) sgp.phases[thread->record - 1].t1 = 0;
  close_lasting(thread);
}

void sgp_engine_thread_ends(sgperf_block *block) {
  if (sgp_is_session_block(block)) {
    end(&threads[sgp_block_index(block)]);
    threads[sgp_block_index(block)].frame = 0;
  }
  sgp_engine_thread = NULL;
}

void sgp_engine_all_end(void) {
  if (calls < EXACT) return; /* none lasts; and the table's pages stay untouched in programs without an engine */
  for (uint32_t i = 0; i < SGP_MAX_BLOCKS; i++) end(&threads[i]);
}

/* The calls that the child's one thread is in go on in its parent. */
void sgp_engine_after_fork(void) {
  sgp_wasmtime_marks_after_fork();
  if (!calls) return;
  for (uint32_t i = 0; i < SGP_MAX_BLOCKS; i++) threads[i] = (struct sgp_engine_thread){0};
  calls = 0;
}
