// SPDX-License-Identifier: Apache-2.0
// Classes of 1 MiB of ASCII text by comparisons of its own (no C library's tables): letters, digits, spaces, words,
// and the text with upper and lower case exchanged.
#include "sgperf_bench.h"

enum { size = 1 << 20 };
static uint8_t text[size];

static int is_upper(uint8_t c) {
  return c >= 'A' && c <= 'Z';
}
static int is_lower(uint8_t c) {
  return c >= 'a' && c <= 'z';
}
static int is_digit(uint8_t c) {
  return c >= '0' && c <= '9';
}
static int is_space(uint8_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
static int is_print(uint8_t c) {
  return c >= ' ' && c <= '~';
}

int main(void) {
  uint64_t seed = 5;
  for (int i = 0; i < size; i++) text[i] = (uint8_t)(bench_random(&seed) & 127);
  uint64_t upper = 0, lower = 0, digits = 0, spaces = 0, punctuation = 0, control = 0, words = 0;
  bench_start();
  int inside = 0; // a word: letters and digits
  for (int i = 0; i < size; i++) {
    uint8_t c = text[i];
    int alphanumeric = 1;
    if (is_upper(c)) {
      upper++;
      text[i] = c + 32;
    } else if (is_lower(c)) {
      lower++;
      text[i] = c - 32;
    } else if (is_digit(c)) {
      digits++;
    } else {
      alphanumeric = 0;
      if (is_space(c))
        spaces++;
      else if (is_print(c))
        punctuation++;
      else
        control++;
    }
    words += (uint64_t)(alphanumeric && !inside);
    inside = alphanumeric;
  }
  bench_black_box(text);
  bench_end();
  uint64_t hash = 0;
  for (int i = 0; i < size; i++) hash = hash * 31 + text[i];
  bench_print("upper", upper);
  bench_print("lower", lower);
  bench_print("digits", digits);
  bench_print("spaces", spaces);
  bench_print("punctuation", punctuation);
  bench_print("control", control);
  bench_print("words", words);
  bench_print("text-hash", hash);
  return 0;
}
