/* SPDX-License-Identifier: Apache-2.0 */
/* engine_finds MODE [LIBRARY..]: a program that is linked with no engine.
 *
 *     dlsym              is wasm_module_new there?
 *     local A B          libraries that bring engines of their own (engine_plugin.c), one after the other, then A again
 *                        in B's place
 *     global E P         an engine loaded with RTLD_GLOBAL, then a library that expects one
 *     last A             the library's call of its engine is the last it does, so the return address is this program's
 *     missing P          a library that expects one; there is none */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int run(void *library) {
  int (*plugin)(void) = (int (*)(void))(uintptr_t)dlsym(library, "plugin_run");
  return plugin ? plugin() : -1;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  if (strcmp(argv[1], "dlsym") == 0) {
    const bool found = dlsym(RTLD_DEFAULT, "wasm_module_new"), next = dlsym(RTLD_NEXT, "wasm_func_call");
    puts(found || next ? "found" : "none");
  } else if (strcmp(argv[1], "local") == 0 && argc > 3) {
    void *a = dlopen(argv[2], RTLD_LAZY | RTLD_LOCAL), *b = dlopen(argv[3], RTLD_LAZY | RTLD_LOCAL);
    if (!a || !b) return 3;
    printf("%d %d %d %d ", run(a), run(b), run(a), run(b));
    dlclose(b);
    b = dlopen(argv[3], RTLD_LAZY | RTLD_LOCAL);
    if (!b) return 3;
    printf("%d %d ", run(b), run(a));
    dlclose(a);
    dlclose(b);
    a = dlopen(argv[2], RTLD_LAZY | RTLD_LOCAL);
    if (!a) return 3;
    printf("%d\n", run(a));
  } else if (strcmp(argv[1], "global") == 0 && argc > 3) {
    if (!dlopen(argv[2], RTLD_LAZY | RTLD_GLOBAL)) return 3;
    void *plugin = dlopen(argv[3], RTLD_LAZY | RTLD_LOCAL);
    if (!plugin) return 3;
    printf("%d\n", run(plugin));
  } else if (strcmp(argv[1], "last") == 0 && argc > 2) {
    static const unsigned char empty[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    const struct {
      size_t size;
      const unsigned char *data;
    } binary = {sizeof empty, empty};
    void *library = dlopen(argv[2], RTLD_LAZY | RTLD_LOCAL);
    void *(*last)(void *, const void *) =
        library ? (void *(*)(void *, const void *))(uintptr_t)dlsym(library, "plugin_last") : NULL;
    if (!last) return 3;
    printf("%d\n", *(int *)last(NULL, &binary));
  } else if (strcmp(argv[1], "missing") == 0 && argc > 2) {
    void *plugin = dlopen(argv[2], RTLD_LAZY | RTLD_LOCAL);
    if (!plugin) return 3;
    puts("before");
    fflush(stdout);
    run(plugin);
    puts("after");
  } else {
    return 2;
  }
  return 0;
}
