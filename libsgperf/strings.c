/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of <string.h> that the library uses, for its own calls only (hidden): they would be the first thing
 * that touches their pages of libc, which a fault maps in groups of 64 KiB (measured: 130 KiB of resident memory in a
 * program that says nothing), and the host's own versions (sanitizers, allocators) are not to be called before the
 * host's constructors.  What they handle is short; memory is copied by the processor's own loop. */
#include <stddef.h>
#include <stdint.h>

/* Or compilers make a call of the function itself out of its loop. */
#define NO_CALL __asm__ volatile("")

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memcpy(void *restrict to, const void *restrict from, size_t size) {
#if defined(__x86_64__)
  void *at = to;
  __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(size) : : "memory");
#else
  for (size_t i = 0; i < size; i++) {
    ((char *)to)[i] = ((const char *)from)[i];
    NO_CALL;
  }
#endif
  return to;
}

void *memmove(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size) {
  char *out = to;
  const char *in = from;
  if ((uintptr_t)out - (uintptr_t)in >= size) return memcpy(to, from, size);
  while (size--) {
    out[size] = in[size];
    NO_CALL;
  }
  return to;
}

void *memset(void *to, int value, size_t size);
void *memset(void *to, int value, size_t size) {
#if defined(__x86_64__)
  void *at = to;
  __asm__ volatile("rep stosb" : "+D"(at), "+c"(size) : "a"(value) : "memory");
#else
  for (size_t i = 0; i < size; i++) {
    ((char *)to)[i] = (char)value;
    NO_CALL;
  }
#endif
  return to;
}

int memcmp(const void *a, const void *b, size_t size);
int memcmp(const void *a, const void *b, size_t size) {
  const unsigned char *x = a, *y = b;
  for (size_t i = 0; i < size; i++)
    if (x[i] != y[i]) return x[i] - y[i];
  return 0;
}

void *memchr(const void *in, int value, size_t size);
void *memchr(const void *in, int value, size_t size) {
  const unsigned char *at = in;
  for (size_t i = 0; i < size; i++)
    if (at[i] == (unsigned char)value) return (void *)(uintptr_t)(at + i);
  return NULL;
}

size_t strlen(const char *text);
size_t strlen(const char *text) {
  size_t size = 0;
  while (text[size]) {
    size++;
    NO_CALL;
  }
  return size;
}

int strncmp(const char *a, const char *b, size_t size);
int strncmp(const char *a, const char *b, size_t size) {
  for (size_t i = 0; i < size; i++) {
    const unsigned char x = (unsigned char)a[i], y = (unsigned char)b[i];
    if (x != y) return x - y;
    if (!x) break;
  }
  return 0;
}

int strcmp(const char *a, const char *b);
int strcmp(const char *a, const char *b) {
  return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *text, int value);
char *strchr(const char *text, int value) {
  for (;; text++) {
    if (*text == (char)value) return (char *)(uintptr_t)text;
    if (!*text) return NULL;
    NO_CALL;
  }
}

char *strrchr(const char *text, int value);
char *strrchr(const char *text, int value) {
  const char *found = NULL;
  for (;; text++) {
    if (*text == (char)value) found = text;
    if (!*text) return (char *)(uintptr_t)found;
    NO_CALL;
  }
}

char *strcpy(char *restrict to, const char *restrict from);
char *strcpy(char *restrict to, const char *restrict from) {
  return memcpy(to, from, strlen(from) + 1);
}

size_t strcspn(const char *text, const char *any);
size_t strcspn(const char *text, const char *any) {
  size_t size = 0;
  while (text[size] && !strchr(any, text[size])) size++;
  return size;
}

char *strstr(const char *text, const char *part);
char *strstr(const char *text, const char *part) {
  const size_t size = strlen(part);
  for (; *text || !size; text++)
    if (strncmp(text, part, size) == 0) return (char *)(uintptr_t)text;
  return NULL;
}
