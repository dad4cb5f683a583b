// SPDX-License-Identifier: Apache-2.0
// SHA3-256 (FIPS 202) of 256 KiB: the permutation Keccak-f[1600], 64-bit logic and rotations.
#include "hex.h"

enum { size = 1 << 18, rate = 136 };
static uint8_t message[size];

static uint64_t rotate(uint64_t x, int by) {
  return by ? x << by | x >> (64 - by) : x;
}

static uint64_t constants[24];
static int offset[25], target[25];

// The tables by their definitions in FIPS 202: an LFSR for the constants, a walk over the plane for rho and pi.
static void make_tables(void) {
  uint8_t lfsr = 1;
  for (int round = 0; round < 24; round++) {
    constants[round] = 0;
    for (int j = 0; j <= 6; j++) {
      if (lfsr & 1) constants[round] |= 1ull << ((1 << j) - 1);
      lfsr = (uint8_t)(lfsr << 1 ^ (lfsr & 128 ? 0x71 : 0));
    }
  }
  offset[0] = target[0] = 0;
  for (int t = 0, x = 1, y = 0; t < 24; t++) {
    offset[x + 5 * y] = (t + 1) * (t + 2) / 2 % 64;
    int next = (2 * x + 3 * y) % 5;
    x = y;
    y = next;
  }
  for (int y = 0; y < 5; y++)
    for (int x = 0; x < 5; x++) target[x + 5 * y] = y + 5 * ((2 * x + 3 * y) % 5);
}

static void permute(uint64_t a[25]) {
  uint64_t b[25], c[5], d[5];
  for (int round = 0; round < 24; round++) {
    for (int x = 0; x < 5; x++) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (int x = 0; x < 5; x++) d[x] = c[(x + 4) % 5] ^ rotate(c[(x + 1) % 5], 1);
    for (int i = 0; i < 25; i++) b[target[i]] = rotate(a[i] ^ d[i % 5], offset[i]);
    for (int y = 0; y < 25; y += 5)
      for (int x = 0; x < 5; x++) a[x + y] = b[x + y] ^ (~b[(x + 1) % 5 + y] & b[(x + 2) % 5 + y]);
    a[0] ^= constants[round];
  }
}

static void sha3_256(const uint8_t *from, size_t length, uint8_t digest[32]) {
  uint64_t a[25] = {0};
  for (; length >= rate; from += rate, length -= rate) {
    for (int i = 0; i < rate / 8; i++) a[i] ^= load64(from + 8 * i);
    permute(a);
  }
  uint8_t last[rate] = {0};
  memcpy(last, from, length);
  last[length] ^= 0x06;
  last[rate - 1] ^= 0x80;
  for (int i = 0; i < rate / 8; i++) a[i] ^= load64(last + 8 * i);
  permute(a);
  for (int i = 0; i < 4; i++) store64(digest + 8 * i, a[i]);
}

int main(void) {
  uint8_t digest[32];
  uint64_t seed = 7;
  for (int i = 0; i < size; i++) message[i] = (uint8_t)bench_random(&seed);
  make_tables();
  sha3_256((const uint8_t *)"abc", 3, digest);
  print_hex("abc", digest, sizeof digest);
  bench_start();
  sha3_256(message, size, digest);
  bench_black_box(digest);
  bench_end();
  print_hex("256KiB", digest, sizeof digest);
  return 0;
}
