/* SPDX-License-Identifier: Apache-2.0 */
/* Phases of a runtime that has none of its own, by what its hooks tell: machine code is published, all of it is gone.
 *
 *     start-up+compile | instantiate+execute | teardown
 *                  published            withdrawn
 *
 * The first two boundaries of an engine that are certain without a switch of it; where a guest's first instruction is,
 * and what of the first part was compiling, is not told.  Code from a file (.cwasm) was not compiled:
 * start-up+deserialize. They are phases of the process, not of a thread: the guest runs where it likes. */
#include "libsgperf/runtime.h"

enum { NOT_YET, RUNNING, GONE, OFF };
static int state = NOT_YET; /* lock held */
static uint32_t alive;

void sgp_code_phase_published(bool from_file) {
  if (!sgp_lock()) return;
  alive++;
  /* A program that knows its phases says them better. */
  if (state == NOT_YET && sgp.header->phase_count) state = OFF;
  if (state == NOT_YET) sgp_process_phase_past(from_file ? "start-up+deserialize" : "start-up+compile");
  if (state == NOT_YET || state == GONE) {
    sgp_process_phase("instantiate+execute");
    state = RUNNING;
  }
  sgp_unlock();
}

void sgp_code_phase_gone(void) {
  if (!sgp_lock()) return;
  if (alive) alive--;
  if (state == RUNNING && alive == 0) {
    sgp_process_phase("teardown");
    state = GONE;
  }
  sgp_unlock();
}

/* The wrappers of an engine's C API (engine_calls.h) tell compile, instantiate and execute apart. */
void sgp_code_phases_give_way(void) {
  if (state == RUNNING || state == GONE) sgp_process_phase_end(NULL);
  state = OFF;
}

/* The child of a fork has no phase of its parent's. */
void sgp_code_phases_after_fork(void) {
  state = OFF;
}
