/* SPDX-License-Identifier: Apache-2.0 */
/* A library that brings its own engine: which one did it reach? */
#include <stddef.h>
#include <stdint.h>

struct byte_vec {
  size_t size;
  const uint8_t *data;
};
extern void *wasm_engine_new(void);
extern void *wasm_module_new(void *store, const struct byte_vec *binary);

/* Its call of the engine is the last it does: the return address is the program's. */
void *plugin_last(void *store, const struct byte_vec *binary);
__attribute__((visibility("default"), optimize("O2"))) void *plugin_last(void *store, const struct byte_vec *binary) {
  return wasm_module_new(store, binary);
}

int plugin_run(void);
__attribute__((visibility("default"))) int plugin_run(void) {
  static const uint8_t empty[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  const struct byte_vec binary = {sizeof empty, empty};
  const int module = *(int *)wasm_module_new(NULL, &binary), engine = *(int *)wasm_engine_new();
  return engine * 10 + module;
}
