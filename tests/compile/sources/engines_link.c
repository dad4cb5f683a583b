/* SPDX-License-Identifier: Apache-2.0 */
/* Linked against libsgperf alone: must fail, the wrappers of the library are nobody's definition. */
extern void *wasm_module_new(void *store, const void *binary);
extern void *wasmtime_func_call(void);
int main(void) {
  return wasm_module_new(0, 0) == wasmtime_func_call();
}
