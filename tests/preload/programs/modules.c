/* SPDX-License-Identifier: Apache-2.0 */
/* modules LIBWASMTIME: through the C API of a library that is loaded with dlopen: four modules alive, the second goes
 * and another one comes, then all go. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef void *(*new_engine)(void);
typedef void *(*new_module)(void *engine, const uint8_t *bytes, size_t size, void **out);
typedef void (*delete_one)(void *);

/* (module (func (export "number") (result i32) (i32.const N))) with a name section: "number_N" */
static size_t make(uint8_t *to, uint8_t n) {
  static const uint8_t head[] = {0,   'a', 's', 'm',  1,   0,    0,    0,                    /* magic, version */
                                 1,   5,   1,   0x60, 0,   1,    0x7f,                       /* type */
                                 3,   2,   1,   0,                                           /* function */
                                 7,   10,  1,   6,    'n', 'u',  'm',  'b',  'e', 'r', 0, 0, /* export */
                                 10,  6,   1,   4,    0,   0x41, 0,    0x0b,                 /* code */
                                 0,   18,  4,   'n',  'a', 'm',  'e',  1,    11,  1,   0, 8,
                                 'n', 'u', 'm', 'b',  'e', 'r',  '_',  0};
  memcpy(to, head, sizeof head);
  to[sizeof head - 22] = n;
  to[sizeof head - 1] = (uint8_t)('0' + n);
  return sizeof head;
}

int main(int argc, char **argv) {
  void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  if (!library) {
    fprintf(stderr, "%s\n", argc > 1 ? dlerror() : "expected the path of libwasmtime");
    return 2;
  }
  new_engine engine_new = (new_engine)(uintptr_t)dlsym(library, "wasm_engine_new");
  delete_one engine_delete = (delete_one)(uintptr_t)dlsym(library, "wasm_engine_delete");
  new_module module_new = (new_module)(uintptr_t)dlsym(library, "wasmtime_module_new");
  delete_one module_delete = (delete_one)(uintptr_t)dlsym(library, "wasmtime_module_delete");
  if (!engine_new || !engine_delete || !module_new || !module_delete) return 3;
  void *engine = engine_new(), *modules[5] = {0};
  for (uint8_t i = 0; i < 5; i++) {
    if (i == 4) module_delete(modules[1]);
    uint8_t bytes[128];
    if (module_new(engine, bytes, make(bytes, i), &modules[i])) return 4;
  }
  for (int i = 0; i < 5; i++)
    if (i != 1) module_delete(modules[i]);
  engine_delete(engine);
  puts("done");
  return 0;
}
