// SPDX-License-Identifier: Apache-2.0
// XChaCha20 (RFC 8439's ChaCha20 with the longer nonce of the CFRG draft): 512 KiB encrypted in place.
#include "hex.h"

enum { size = 1 << 19 };
static uint8_t text[size];

static uint32_t rotate(uint32_t x, int by) {
  return x << by | x >> (32 - by);
}

static void quarter(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d) {
  *a += *b;
  *d = rotate(*d ^ *a, 16);
  *c += *d;
  *b = rotate(*b ^ *c, 12);
  *a += *b;
  *d = rotate(*d ^ *a, 8);
  *c += *d;
  *b = rotate(*b ^ *c, 7);
}

static void twenty_rounds(uint32_t s[16]) {
  for (int i = 0; i < 10; i++) {
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

// Words 12 to 15 of the state are `last`, 16 bytes: counter and nonce.
static void begin(uint32_t s[16], const uint8_t key[32], const uint8_t last[16]) {
  static const uint32_t constants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  for (int i = 0; i < 4; i++) s[i] = constants[i];
  for (int i = 0; i < 8; i++) s[4 + i] = load32(key + 4 * i);
  for (int i = 0; i < 4; i++) s[12 + i] = load32(last + 4 * i);
}

static void hchacha20(const uint8_t key[32], const uint8_t nonce[16], uint8_t subkey[32]) {
  uint32_t s[16];
  begin(s, key, nonce);
  twenty_rounds(s);
  for (int i = 0; i < 4; i++) store32(subkey + 4 * i, s[i]);
  for (int i = 0; i < 4; i++) store32(subkey + 16 + 4 * i, s[12 + i]);
}

// `last`: block counter (4 bytes) and nonce (12).
static void chacha20(const uint8_t key[32], const uint8_t last[16], uint8_t *data, size_t length) {
  uint32_t start[16], s[16];
  uint8_t stream[64];
  begin(start, key, last);
  while (length > 0) {
    memcpy(s, start, sizeof s);
    twenty_rounds(s);
    for (int i = 0; i < 16; i++) store32(stream + 4 * i, s[i] + start[i]);
    start[12]++;
    size_t part = length < sizeof stream ? length : sizeof stream;
    for (size_t i = 0; i < part; i++) data[i] ^= stream[i];
    data += part;
    length -= part;
  }
}

static void xchacha20(const uint8_t key[32], const uint8_t nonce[24], uint8_t *data, size_t length) {
  uint8_t subkey[32], last[16] = {0};
  hchacha20(key, nonce, subkey);
  memcpy(last + 8, nonce + 16, 8);
  chacha20(subkey, last, data, length);
}

int main(void) {
  static const uint8_t example[16] = {0, 0, 0, 9, 0, 0, 0, 0x4a, 0, 0, 0, 0, 0x31, 0x41, 0x59, 0x27};
  uint8_t key[32], nonce[24], block[64] = {0}, last[16] = {1, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0x4a};
  for (int i = 0; i < 32; i++) key[i] = (uint8_t)i;
  for (int i = 0; i < 24; i++) nonce[i] = (uint8_t)(i + 64);
  chacha20(key, last, block, sizeof block);
  print_hex("chacha20", block, sizeof block);
  hchacha20(key, example, block);
  print_hex("hchacha20", block, 32);
  uint64_t seed = 23;
  for (int i = 0; i < size; i++) text[i] = (uint8_t)bench_random(&seed);
  bench_start();
  xchacha20(key, nonce, text, size);
  bench_black_box(text);
  bench_end();
  uint64_t hash = 0;
  for (int i = 0; i < size; i++) hash = hash * 31 + text[i];
  print_hex("begins", text, 32);
  bench_print("hash", hash);
  return 0;
}
