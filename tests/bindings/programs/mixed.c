/* SPDX-License-Identifier: Apache-2.0 */
/* C and Rust in one module: C calls Rust calls C, each in a scope. */
#include <inttypes.h>
#include <sgperf/sgperf.h>
#include <stdio.h>

extern uint64_t mixed_rust(uint64_t number, uint64_t (*back)(uint64_t));

static uint64_t back(uint64_t number) {
  SGPERF_SCOPE("mixed::back");
  return number + 1;
}

int main(void) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < 1000; i++) {
    SGPERF_SCOPE("mixed::c");
    sum += mixed_rust(i, back);
  }
  printf("%" PRIu64 "\n", sum);
  return 0;
}
