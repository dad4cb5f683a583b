// SPDX-License-Identifier: Apache-2.0
// Heapsort (Williams, Floyd) of 100 000 numbers: data-dependent branches and scattered loads.
#include "sgperf_bench.h"

enum { count = 100000 };
static uint32_t numbers[count];

// Moves numbers[at] down until no child is larger; the heap is numbers[0 .. size).
static void sift_down(uint32_t at, uint32_t size) {
  uint32_t value = numbers[at];
  for (;;) {
    uint32_t child = 2 * at + 1;
    if (child >= size) break;
    if (child + 1 < size && numbers[child + 1] > numbers[child]) child++;
    if (numbers[child] <= value) break;
    numbers[at] = numbers[child];
    at = child;
  }
  numbers[at] = value;
}

int main(void) {
  uint64_t seed = 4;
  for (int i = 0; i < count; i++) numbers[i] = bench_random(&seed);
  bench_start();
  for (uint32_t i = count / 2; i-- > 0;) sift_down(i, count);
  for (uint32_t size = count - 1; size > 0; size--) {
    uint32_t largest = numbers[0];
    numbers[0] = numbers[size];
    numbers[size] = largest;
    sift_down(0, size);
  }
  bench_black_box(numbers);
  bench_end();
  uint64_t unsorted = 0, sum = 0;
  for (int i = 0; i < count; i++) {
    sum = sum * 31 + numbers[i];
    if (i > 0 && numbers[i] < numbers[i - 1]) unsorted++;
  }
  bench_print("unsorted", unsorted);
  bench_print("hash", sum);
  return 0;
}
