// SPDX-License-Identifier: Apache-2.0
// A machine of 256 instructions in one switch: 32 operations on eight registers, a random program of 1024
// instructions, 2000 times from start to end.  The way from one instruction to the next is an indirect jump.
#include "sgperf_bench.h"

enum { length = 1024, times = 2000 };
static uint8_t program[length];

#define OPERATION(number, expression)                                                                                  \
  case number:                                                                                                         \
    r[(number)&7] = (expression);                                                                                      \
    break;

static uint32_t r[8];

static uint32_t rotate(uint32_t x, uint32_t by) {
  return x << (by & 31) | x >> (-by & 31);
}

static void run(void) {
  for (int at = 0; at < length; at++) {
    uint32_t a = r[program[at] >> 5];
    switch (program[at] & 31) {
      OPERATION(0, r[0] + a)
      OPERATION(1, r[1] - a)
      OPERATION(2, r[2] ^ a)
      OPERATION(3, r[3] * (a | 1))
      OPERATION(4, r[4] | a)
      OPERATION(5, r[5] & a)
      OPERATION(6, rotate(r[6], a))
      OPERATION(7, r[7] + 0x9e3779b9)
      OPERATION(8, r[0] < a ? a - r[0] : r[0] - a)
      OPERATION(9, r[1] << (a & 31))
      OPERATION(10, r[2] >> (a & 31))
      OPERATION(11, ~a)
      OPERATION(12, a + 1)
      OPERATION(13, a - 1)
      OPERATION(14, -a)
      OPERATION(15, r[7] / (a | 1))
      OPERATION(16, r[0] % (a | 1))
      OPERATION(17, a & 1 ? r[1] : a)
      OPERATION(18, a * a)
      OPERATION(19, rotate(a, 16))
      OPERATION(20, (r[4] & a) + (r[4] ^ a))
      OPERATION(21, (uint32_t)((int32_t)a >> 3))
      OPERATION(22, r[6] ^ rotate(a, 7))
      OPERATION(23, r[7] - rotate(a, 11))
      OPERATION(24, a > r[0])
      OPERATION(25, r[1] + a + r[2])
      OPERATION(26, r[2] ^ a ^ r[3])
      OPERATION(27, r[3] + (a << 3))
      OPERATION(28, r[4] + (a >> 5))
      OPERATION(29, (a & 0xff00ff) | (r[5] & 0xff00ff00))
      OPERATION(30, a * 0x85ebca6b)
      OPERATION(31, r[7] ^ r[0] ^ a)
    }
  }
}

int main(void) {
  uint64_t seed = 19;
  for (int i = 0; i < length; i++) program[i] = (uint8_t)bench_random(&seed);
  for (uint32_t i = 0; i < 8; i++) r[i] = i * 0x01234567;
  bench_black_box(program);
  bench_black_box(r);
  bench_start();
  for (int i = 0; i < times; i++) run();
  bench_black_box(r);
  bench_end();
  for (int i = 0; i < 8; i++) bench_print("register", r[i]);
  return 0;
}
