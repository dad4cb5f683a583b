// SPDX-License-Identifier: Apache-2.0
// The permutation Gimli (Bernstein and others, 2017): 384 bits, 24 rounds, 40 000 times, each on what the last made.
#include "hex.h"

enum { times = 40000 };
static uint32_t state[12];

static uint32_t rotate(uint32_t x, int by) {
  return x << by | x >> (32 - by);
}
static void exchange(uint32_t *a, uint32_t *b) {
  uint32_t was = *a;
  *a = *b;
  *b = was;
}

static void gimli(uint32_t s[12]) {
  for (uint32_t round = 24; round > 0; round--) {
    for (int column = 0; column < 4; column++) {
      uint32_t x = rotate(s[column], 24), y = rotate(s[4 + column], 9), z = s[8 + column];
      s[8 + column] = x ^ z << 1 ^ (y & z) << 2;
      s[4 + column] = y ^ x ^ (x | z) << 1;
      s[column] = z ^ y ^ (x & y) << 3;
    }
    if (round % 4 == 0) {
      exchange(&s[0], &s[1]);
      exchange(&s[2], &s[3]);
      s[0] ^= 0x9e377900 | round;
    } else if (round % 4 == 2) {
      exchange(&s[0], &s[2]);
      exchange(&s[1], &s[3]);
    }
  }
}

static void print(const char *label) {
  uint8_t bytes[48];
  for (int i = 0; i < 12; i++) store32(bytes + 4 * i, state[i]);
  print_hex(label, bytes, sizeof bytes);
}

int main(void) {
  // The designers' example first.
  for (uint32_t i = 0; i < 12; i++) state[i] = i * i * i + i * 0x9e3779b9;
  gimli(state);
  print("once");
  bench_start();
  for (int i = 1; i < times; i++) gimli(state);
  bench_black_box(state);
  bench_end();
  print("often");
  return 0;
}
