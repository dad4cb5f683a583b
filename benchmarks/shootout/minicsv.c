// SPDX-License-Identifier: Apache-2.0
// Comma-separated values (RFC 4180) of 1 MB: quoted fields, doubled quotes, line breaks in quotes.
#include "sgperf_bench.h"

enum { rows = 20000, columns = 6, room = rows * columns * 16 };
static char text[room];
static size_t text_size;

static void put(const char *what, size_t size) {
  memcpy(text + text_size, what, size);
  text_size += size;
}
static void put_number(uint32_t value) {
  char digits[10];
  size_t at = sizeof digits;
  do digits[--at] = (char)('0' + value % 10);
  while (value /= 10);
  put(digits + at, sizeof digits - at);
}

static void write_text(void) {
  uint64_t seed = 13;
  text_size = 0;
  for (int row = 0; row < rows; row++)
    for (int column = 0; column < columns; column++) {
      uint32_t random = bench_random(&seed);
      switch (random % 8) {
      case 0:
        break; // empty
      case 1:
        put("\"a, \"\"b\"\"\"", 10);
        break;
      case 2:
        put("\"x\r\ny\"", 6);
        break;
      case 3:
        put("plain text", 10);
        break;
      default:
        put_number(random >> 8);
        break;
      }
      put(column + 1 < columns ? "," : "\r\n", column + 1 < columns ? 1 : 2);
    }
}

static struct {
  uint64_t records, fields, empty, numbers, sum, characters, hash;
} found;
static char field[64];

static void end_field(size_t length) {
  uint64_t value = 0;
  size_t digits = 0;
  while (digits < length && field[digits] >= '0' && field[digits] <= '9')
    value = value * 10 + (uint64_t)(field[digits++] - '0');
  found.fields++;
  found.characters += length;
  for (size_t i = 0; i < length; i++) found.hash = found.hash * 31 + (uint8_t)field[i];
  if (length == 0) {
    found.empty++;
  } else if (digits == length) {
    found.numbers++;
    found.sum += value;
  }
}

static void parse(const char *at, const char *end) {
  enum { field_start, bare, quoted, quote_in_quoted } state = field_start;
  size_t length = 0;
  for (; at < end; at++) {
    char c = *at;
    if (state == quoted) {
      if (c == '"')
        state = quote_in_quoted;
      else
        field[length++ % sizeof field] = c;
    } else if (c == ',' || c == '\n') {
      end_field(length);
      length = 0;
      state = field_start;
      found.records += c == '\n';
    } else if (c == '"' && state == quote_in_quoted) {
      field[length++ % sizeof field] = c;
      state = quoted;
    } else if (c == '"' && state == field_start) {
      state = quoted;
    } else if (c != '\r') {
      field[length++ % sizeof field] = c;
      state = bare;
    }
  }
}

int main(void) {
  write_text();
  memset(&found, 0, sizeof found);
  bench_black_box(text);
  bench_start();
  parse(text, text + text_size);
  bench_black_box(&found);
  bench_end();
  bench_print("text-bytes", text_size);
  bench_print("records", found.records);
  bench_print("fields", found.fields);
  bench_print("empty", found.empty);
  bench_print("numbers", found.numbers);
  bench_print("sum", found.sum);
  bench_print("characters", found.characters);
  bench_print("hash", found.hash);
  return 0;
}
