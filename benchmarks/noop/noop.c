// SPDX-License-Identifier: Apache-2.0
// Nothing between the marks: what the marks themselves cost.
#include "sgperf_bench.h"

int main(void) {
  bench_start();
  bench_end();
  return 0;
}
