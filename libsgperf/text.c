/* SPDX-License-Identifier: Apache-2.0 */
/* Text without stdio: the constructor runs before libc's own initialisation has finished. */
#include "libsgperf/runtime.h"

char *sgp_put_text(char *to, char *end, const char *text) {
  while (*text && to + 1 < end) *to++ = *text++;
  if (to < end) *to = 0;
  return to;
}

char *sgp_put_number(char *to, char *end, uint64_t number) {
  char digits[24];
  char *p = digits + sizeof digits - 1;
  *p = 0;
  do *--p = (char)('0' + number % 10);
  while (number /= 10);
  return sgp_put_text(to, end, p);
}

size_t sgp_cut_utf8(const char *text, size_t length, size_t limit) {
  if (length <= limit) return length;
  while (limit && ((unsigned char)text[limit] & 0xc0) == 0x80) limit--; /* not inside a character */
  return limit;
}

uint64_t sgp_hash(const char *text, size_t length) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
  return hash;
}
