/* SPDX-License-Identifier: Apache-2.0 */
/* What a workload needs: the two marks of its region of interest, a way to keep results alive, a way to print them.
 *
 * The same source is built for WebAssembly, where the marks are imported from module "bench", and as a native shared
 * object, where the host that loads it defines them as C functions and main() is called native_entry().
 *
 * A workload calls bench_start() once and bench_end() once, prints its result after that, and starts from the same
 * state each time main() is called: a native object is not loaded anew for each iteration.
 */
#ifndef SGPERF_BENCH_H
#define SGPERF_BENCH_H

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#ifdef __wasm__
__attribute__((import_module("bench"), import_name("start"))) void bench_start(void);
__attribute__((import_module("bench"), import_name("end"))) void bench_end(void);
/* An exported function.  In the module its calls stay calls: what to inline is the engine's decision, as it is the C
 * compiler's in the native object. */
#define BENCH_EXPORT(name) __attribute__((export_name(#name), noinline))
#else
void bench_start(void);
void bench_end(void);
#define BENCH_EXPORT(name) __attribute__((visibility("default")))
__attribute__((visibility("default"))) int main(void); /* the build renames it to native_entry and hides the rest */
#endif

/* The compiler must believe that `p` and all it points to is read and written here. */
static inline void bench_black_box(void *p) {
  __asm__ volatile("" : : "r"(p) : "memory");
}

static inline void bench_write(const char *text, size_t size) {
  while (size > 0) {
    ssize_t n = write(1, text, size);
    if (n <= 0) return;
    text += n;
    size -= (size_t)n;
  }
}

/* "label value\n", without stdio: it would be most of a small module. */
static inline void bench_print(const char *label, uint64_t value) {
  char text[96];
  char digits[20];
  size_t size = strlen(label), n = 0;
  if (size > 64) size = 64;
  memcpy(text, label, size);
  text[size++] = ' ';
  do digits[n++] = (char)('0' + value % 10);
  while (value /= 10);
  while (n > 0) text[size++] = digits[--n];
  text[size++] = '\n';
  bench_write(text, size);
}

/* A sequence that is the same everywhere: a 64-bit linear congruential generator (Knuth's MMIX constants), high half.
 */
static inline uint32_t bench_random(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*state >> 32);
}

#endif
