// SPDX-License-Identifier: Apache-2.0
// The C library's memmove within 1 MiB, overlapping and not, 60 000 pieces of up to 8 KiB.
#include "sgperf_bench.h"

enum { size = 1 << 20, pieces = 60000 };
static uint8_t memory[size];
static struct {
  uint32_t to, from, length;
} moves[pieces];

int main(void) {
  uint64_t seed = 11;
  for (int i = 0; i < size; i++) memory[i] = (uint8_t)bench_random(&seed);
  for (int i = 0; i < pieces; i++) {
    moves[i].length = bench_random(&seed) % 8192 + 1;
    moves[i].from = bench_random(&seed) % (size - 16384) + 4096;
    // Every other one lands within 4 KiB, before or behind: they overlap often.
    moves[i].to = i % 2 ? bench_random(&seed) % (size - 8192) : moves[i].from - 4096 + bench_random(&seed) % 8192;
  }
  bench_start();
  for (int i = 0; i < pieces; i++) {
    memmove(memory + moves[i].to, memory + moves[i].from, moves[i].length);
    bench_black_box(memory);
  }
  bench_end();
  uint64_t hash = 0;
  for (int i = 0; i < size; i++) hash = hash * 31 + memory[i];
  bench_print("memory-hash", hash);
  return 0;
}
