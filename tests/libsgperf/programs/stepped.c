/* SPDX-License-Identifier: Apache-2.0 */
/* One function with one live scope, one with a counter: what the assembly test disassembles and executes step by step.
 */
#include <sgperf/sgperf.h>

int stepped_scope(int x);
int stepped_counter(int x);

__attribute__((noinline, visibility("default"))) int stepped_scope(int x) {
  SGPERF_SCOPE("stepped::scope");
  return x + 1;
}

__attribute__((noinline, visibility("default"))) int stepped_counter(int x) {
  SGPERF_COUNT("stepped::counter", 5);
  return x + 1;
}
