// SPDX-License-Identifier: Apache-2.0
// BlaBla (J.-P. Aumasson, 2017: ChaCha's frame around the 64-bit function of BLAKE2b) with twenty double rounds, and a
// longer nonce as XChaCha has it: words 0 to 3 of the permuted state become the key.  512 KiB encrypted in place.
#include "hex.h"

enum { size = 1 << 19 };
static uint8_t text[size];

static uint64_t rotate(uint64_t x, int by) {
  return x >> by | x << (64 - by);
}

static void quarter(uint64_t *a, uint64_t *b, uint64_t *c, uint64_t *d) {
  *a += *b;
  *d = rotate(*d ^ *a, 32);
  *c += *d;
  *b = rotate(*b ^ *c, 24);
  *a += *b;
  *d = rotate(*d ^ *a, 16);
  *c += *d;
  *b = rotate(*b ^ *c, 63);
}

static void permute(uint64_t s[16]) {
  for (int i = 0; i < 20; i++) {
    quarter(&s[0], &s[4], &s[8], &s[12]);
    quarter(&s[1], &s[5], &s[9], &s[13]);
    quarter(&s[2], &s[6], &s[10], &s[14]);
    quarter(&s[3], &s[7], &s[11], &s[15]);
    quarter(&s[0], &s[5], &s[10], &s[15]);
    quarter(&s[1], &s[6], &s[11], &s[12]);
    quarter(&s[2], &s[7], &s[8], &s[13]);
    quarter(&s[3], &s[4], &s[9], &s[14]);
  }
}

static void begin(uint64_t s[16], const uint64_t key[4], uint64_t counter, const uint8_t nonce[16]) {
  static const uint64_t first[4] = {0x6170786593810fab, 0x3320646ec7398aee, 0x79622d3217318274, 0x6b206574babadada};
  static const uint64_t second[5] = {0x2ae36e593e46ad5f, 0xb68f143029225fc9, 0x8da1e08468303aa6, 0xa48a209acd50a4a7,
                                     0x7fdc12f23f90778c};
  for (int i = 0; i < 4; i++) s[i] = first[i];
  for (int i = 0; i < 4; i++) s[4 + i] = key[i];
  for (int i = 0; i < 5; i++) s[8 + i] = second[i];
  s[13] = counter;
  s[14] = load64(nonce);
  s[15] = load64(nonce + 8);
}

static void xblabla20(const uint8_t key[32], const uint8_t nonce[32], uint8_t *data, size_t length) {
  uint64_t words[4], start[16], s[16];
  uint8_t stream[128];
  for (int i = 0; i < 4; i++) words[i] = load64(key + 8 * i);
  begin(s, words, 0, nonce);
  permute(s);
  for (int i = 0; i < 4; i++) words[i] = s[i];
  begin(start, words, 1, nonce + 16);
  while (length > 0) {
    memcpy(s, start, sizeof s);
    permute(s);
    for (int i = 0; i < 16; i++) store64(stream + 8 * i, s[i] + start[i]);
    start[13]++;
    size_t part = length < sizeof stream ? length : sizeof stream;
    for (size_t i = 0; i < part; i++) data[i] ^= stream[i];
    data += part;
    length -= part;
  }
}

int main(void) {
  uint8_t key[32], nonce[32];
  uint64_t seed = 29;
  for (int i = 0; i < 32; i++) key[i] = (uint8_t)i;
  for (int i = 0; i < 32; i++) nonce[i] = (uint8_t)(i + 64);
  for (int i = 0; i < size; i++) text[i] = (uint8_t)bench_random(&seed);
  bench_start();
  xblabla20(key, nonce, text, size);
  bench_black_box(text);
  bench_end();
  uint64_t hash = 0;
  for (int i = 0; i < size; i++) hash = hash * 31 + text[i];
  print_hex("begins", text, 32);
  bench_print("hash", hash);
  return 0;
}
