// SPDX-License-Identifier: Apache-2.0
// A chain of SipHash-2-4 (Aumasson and Bernstein, 2012), 150 000 long: each hashes its number and the hash before it.
#include "hex.h"

enum { count = 150000 };

static uint64_t rotate(uint64_t x, int by) {
  return x << by | x >> (64 - by);
}

static void rounds(uint64_t v[4], int count_of_rounds) {
  while (count_of_rounds-- > 0) {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
  }
}

static uint64_t siphash(const uint8_t key[16], const uint8_t *from, size_t length) {
  uint64_t k0 = load64(key), k1 = load64(key + 8);
  uint64_t v[4] = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573};
  uint8_t last[8] = {0};
  size_t at = 0;
  for (; at + 8 <= length; at += 8) {
    uint64_t word = load64(from + at);
    v[3] ^= word;
    rounds(v, 2);
    v[0] ^= word;
  }
  memcpy(last, from + at, length - at);
  last[7] = (uint8_t)length;
  uint64_t word = load64(last);
  v[3] ^= word;
  rounds(v, 2);
  v[0] ^= word;
  v[2] ^= 255;
  rounds(v, 4);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

int main(void) {
  uint8_t key[16], message[16];
  for (int i = 0; i < 16; i++) key[i] = (uint8_t)i;
  for (int i = 0; i < 16; i++) message[i] = (uint8_t)i;
  bench_print("example", siphash(key, message, 15)); // the paper's own
  uint64_t hash = 0;
  bench_black_box(key);
  bench_start();
  for (uint64_t i = 0; i < count; i++) {
    store64(message, i);
    store64(message + 8, hash);
    hash = siphash(key, message, sizeof message);
  }
  bench_black_box(&hash);
  bench_end();
  bench_print("chain", hash);
  return 0;
}
