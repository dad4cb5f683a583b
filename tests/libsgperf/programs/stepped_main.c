/* SPDX-License-Identifier: Apache-2.0 */
/* stepped-* [LIBRARY]: calls each function a few times (sites register, the thread attaches), prints their addresses,
 * stops itself for the tracer, and calls each once more. */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>

int stepped_scope(int x);
int stepped_counter(int x);

int main(int argc, char **argv) {
  int (*scope)(int), (*counter)(int);
#ifdef STEPPED_DLOPEN
  void *handle = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  if (!handle) return 3;
  *(void **)&scope = dlsym(handle, "stepped_scope");
  *(void **)&counter = dlsym(handle, "stepped_counter");
#else
  (void)argc;
  (void)argv;
  scope = stepped_scope;
  counter = stepped_counter;
#endif
  int sum = 0;
  for (int i = 0; i < 100; ++i) sum += scope(i) + counter(i);
  printf("%p %p\n", *(void **)&scope, *(void **)&counter);
  fflush(stdout);
  raise(SIGSTOP);
  sum += scope(1);
  sum += counter(1);
  return sum == 0;
}
