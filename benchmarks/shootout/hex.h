/* SPDX-License-Identifier: Apache-2.0 */
/* Results that are bytes, and words as bytes, the least significant first. */
#ifndef SGPERF_SHOOTOUT_HEX_H
#define SGPERF_SHOOTOUT_HEX_H

#include "sgperf_bench.h"

/* "label 00ff..\n"; at most 64 bytes. */
static inline void print_hex(const char *label, const uint8_t *bytes, size_t count) {
  char text[160];
  size_t size = strlen(label);
  memcpy(text, label, size);
  text[size++] = ' ';
  for (size_t i = 0; i < count; i++) {
    text[size++] = "0123456789abcdef"[bytes[i] >> 4];
    text[size++] = "0123456789abcdef"[bytes[i] & 15];
  }
  text[size++] = '\n';
  bench_write(text, size);
}

static inline uint32_t load32(const uint8_t *from) {
  return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}
static inline uint64_t load64(const uint8_t *from) {
  return load32(from) | (uint64_t)load32(from + 4) << 32;
}
static inline void store32(uint8_t *to, uint32_t value) {
  for (int i = 0; i < 4; i++) to[i] = (uint8_t)(value >> (8 * i));
}
static inline void store64(uint8_t *to, uint64_t value) {
  for (int i = 0; i < 8; i++) to[i] = (uint8_t)(value >> (8 * i));
}

#endif
