// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648, section 4) of 1 MiB + 1 byte and back, four times: byte loads, table look-ups, shifts.
#include "sgperf_bench.h"

enum { plain_size = (1 << 20) + 1, coded_size = (plain_size + 2) / 3 * 4, rounds = 4 };
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static uint8_t plain[plain_size], decoded[plain_size + 3];
static char coded[coded_size];
static uint8_t value_of[256];

static size_t encode(const uint8_t *from, size_t size, char *to) {
  char *out = to;
  size_t i = 0;
  for (; i + 3 <= size; i += 3) {
    uint32_t group = (uint32_t)from[i] << 16 | (uint32_t)from[i + 1] << 8 | from[i + 2];
    *out++ = alphabet[group >> 18];
    *out++ = alphabet[group >> 12 & 63];
    *out++ = alphabet[group >> 6 & 63];
    *out++ = alphabet[group & 63];
  }
  if (i < size) {
    uint32_t group = (uint32_t)from[i] << 16 | (i + 1 < size ? (uint32_t)from[i + 1] << 8 : 0);
    *out++ = alphabet[group >> 18];
    *out++ = alphabet[group >> 12 & 63];
    *out++ = i + 1 < size ? alphabet[group >> 6 & 63] : '=';
    *out++ = '=';
  }
  return (size_t)(out - to);
}

static size_t decode(const char *from, size_t size, uint8_t *to) {
  uint8_t *out = to;
  for (size_t i = 0; i + 4 <= size; i += 4) {
    uint32_t group = 0;
    for (size_t k = 0; k < 4; k++) group = group << 6 | value_of[(uint8_t)from[i + k]];
    *out++ = (uint8_t)(group >> 16);
    *out++ = (uint8_t)(group >> 8);
    *out++ = (uint8_t)group;
  }
  size_t padding = 0;
  while (padding < 2 && padding < size && from[size - 1 - padding] == '=') padding++;
  return (size_t)(out - to) - padding;
}

int main(void) {
  uint64_t seed = 3;
  for (int i = 0; i < plain_size; i++) plain[i] = (uint8_t)bench_random(&seed);
  for (int i = 0; i < 64; i++) value_of[(uint8_t)alphabet[i]] = (uint8_t)i;
  size_t length = 0, back = 0;
  bench_start();
  for (int round = 0; round < rounds; round++) {
    length = encode(plain, plain_size, coded);
    bench_black_box(coded);
    back = decode(coded, length, decoded);
    bench_black_box(decoded);
  }
  bench_end();
  uint64_t sum = 0;
  for (size_t i = 0; i < length; i++) sum = sum * 31 + (uint8_t)coded[i];
  bench_print("encoded-bytes", length);
  bench_print("encoded-hash", sum);
  bench_print("same-after-decoding", back == plain_size && !memcmp(plain, decoded, plain_size));
  return 0;
}
