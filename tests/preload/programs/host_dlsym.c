/* SPDX-License-Identifier: Apache-2.0 */
/* host_dlsym: a program with a dlsym and a dlopen of its own, as tracers and games have.  No word of sgperf. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static int looked_up;

void *dlsym(void *handle, const char *name) {
  looked_up++;
  void *(*next)(void *, const char *);
  void *found = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
  if (!found) found = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
  memcpy(&next, &found, sizeof next);
  return next ? next(handle, name) : NULL;
}

int main(void) {
  const int at_start = looked_up;
  void *found = dlsym(RTLD_DEFAULT, "puts");
  int (*say)(const char *);
  memcpy(&say, &found, sizeof say);
  if (!say) return 1;
  say("found");
  printf("looked up at start %d, then %d\n", at_start, looked_up);
  return 0;
}
