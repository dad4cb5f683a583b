/* SPDX-License-Identifier: Apache-2.0 */
/* host CALLS: a host of WAMR, the shared library; each call through another function of its API.  Own declarations. */
#include "module.h"

#include <stdbool.h>
#include <string.h>

struct value { /* wasm_val_t */
  uint8_t kind;
  union {
    int32_t i32;
    int64_t i64;
  } of;
};
extern bool wasm_runtime_init(void);
extern void wasm_runtime_destroy(void);
extern void *wasm_runtime_load(uint8_t *bytes, uint32_t size, char *error, uint32_t error_size);
extern void wasm_runtime_unload(void *module);
extern void *wasm_runtime_instantiate(void *module, uint32_t stack, uint32_t heap, char *error, uint32_t error_size);
extern void wasm_runtime_deinstantiate(void *instance);
extern void *wasm_runtime_create_exec_env(void *instance, uint32_t stack);
extern void wasm_runtime_destroy_exec_env(void *environment);
extern void *wasm_runtime_lookup_function(void *instance, const char *name, const char *signature);
extern bool wasm_runtime_call_wasm(void *environment, void *function, uint32_t count, uint32_t *values);
extern bool wasm_runtime_call_wasm_a(void *environment, void *function, uint32_t results_count, struct value *results,
                                     uint32_t count, struct value *arguments);
extern bool wasm_runtime_call_wasm_v(void *environment, void *function, uint32_t results_count, struct value *results,
                                     uint32_t count, ...);

int main(int argc, char **argv) {
  const int calls = argc > 1 ? atoi(argv[1]) : 1;
  static uint8_t bytes[sizeof wasm];
  char error[128];
  memcpy(bytes, wasm, sizeof wasm); /* WAMR writes into it */
  EXPECT(wasm_runtime_init());
  void *module = wasm_runtime_load(bytes, sizeof bytes, error, sizeof error);
  EXPECT(module);
  void *instance = wasm_runtime_instantiate(module, 65536, 0, error, sizeof error);
  EXPECT(instance);
  void *environment = wasm_runtime_create_exec_env(instance, 65536);
  void *function = wasm_runtime_lookup_function(instance, "run", NULL);
  EXPECT(environment && function);
  long sum = 0;
  for (int i = 0; i < calls; i++) {
    uint32_t values[2] = {(uint32_t)i};
    struct value argument = {.kind = 0, .of.i32 = i}, result = {.kind = 0};
    EXPECT(i % 3 == 0   ? wasm_runtime_call_wasm(environment, function, 1, values)
           : i % 3 == 1 ? wasm_runtime_call_wasm_a(environment, function, 1, &result, 1, &argument)
                        : wasm_runtime_call_wasm_v(environment, function, 1, &result, 1, i));
    sum += i % 3 == 0 ? (int32_t)values[0] : result.of.i32;
  }
  wasm_runtime_destroy_exec_env(environment);
  wasm_runtime_deinstantiate(instance);
  wasm_runtime_unload(module);
  wasm_runtime_destroy();
  printf("sum %ld\n", sum);
  return (int)(sum % 100);
}
