/* SPDX-License-Identifier: Apache-2.0 */
/* host_memory: an allocator of its own in the place of libc's, that counts: a library that allocates shows in what is
 * printed.  No word of sgperf. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static char arena[1 << 20] __attribute__((aligned(16)));
static size_t used, calls, first_calls;

void *malloc(size_t size) {
  calls++;
  const size_t whole = (size + 31) & ~(size_t)15;
  if (sizeof arena - used < whole) {
    errno = ENOMEM;
    return NULL;
  }
  char *at = arena + used;
  used += whole;
  memcpy(at, &size, sizeof size);
  return at + 16;
}
void free(void *memory) {
  if (memory) calls++;
}
void *calloc(size_t count, size_t size) {
  return malloc(count * size); /* the arena is fresh */
}
void *realloc(void *memory, size_t size) {
  void *other = malloc(size);
  size_t before = 0;
  if (memory) memcpy(&before, (char *)memory - 16, sizeof before);
  if (other && memory) memcpy(other, memory, before < size ? before : size);
  return other;
}
void *memalign(size_t alignment, size_t size) {
  void *memory = malloc(size + alignment);
  return (void *)(((uintptr_t)memory + alignment - 1) & ~(uintptr_t)(alignment - 1));
}
void *aligned_alloc(size_t alignment, size_t size) {
  return memalign(alignment, size);
}

__attribute__((constructor)) static void start(void) {
  first_calls = calls;
}

int main(void) {
  printf("calls before main's constructor %zu\n", first_calls);
  char *text = malloc(100);
  text = realloc(text, 200);
  free(text);
  printf("calls %zu bytes %zu\n", calls, used);
  return 0;
}
