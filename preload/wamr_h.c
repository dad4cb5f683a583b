/* SPDX-License-Identifier: Apache-2.0 */
/* WAMR's wasm_export.h.  wasm_runtime_call_wasm_v() takes values of any type as they come and cannot be handed on; it
 * ends in wasm_runtime_call_wasm_a(), and that in wasm_runtime_call_wasm(). */
#include "preload/engine_calls.h"

#include <string.h>

/* WAMR loads both, and may change the bytes while it does. */
static const char *loading(const uint8_t *bytes, uint32_t size) {
  if (bytes && size >= 4 && memcmp(bytes, "\0aot", 4) == 0) return "deserialize";
  sgp_module_bytes(bytes, size);
  return "compile";
}

SGP_WRAP(loading(bytes, size), (void)0, void *, wasm_runtime_load,
         (uint8_t * bytes, uint32_t size, char *error, uint32_t error_size), (bytes, size, error, error_size))
SGP_WRAP(loading(bytes, size), (void)0, void *, wasm_runtime_load_ex,
         (uint8_t * bytes, uint32_t size, const void *args, char *error, uint32_t error_size),
         (bytes, size, args, error, error_size))
SGP_WRAP(is_aot ? "deserialize" : "compile", (void)0, void *, wasm_runtime_load_from_sections,
         (void *sections, bool is_aot, char *error, uint32_t error_size), (sections, is_aot, error, error_size))
SGP_WRAP("instantiate", (void)0, void *, wasm_runtime_instantiate,
         (void *module, uint32_t stack, uint32_t heap, char *error, uint32_t error_size),
         (module, stack, heap, error, error_size))
SGP_WRAP("instantiate", (void)0, void *, wasm_runtime_instantiate_ex,
         (void *module, const void *args, char *error, uint32_t error_size), (module, args, error, error_size))
SGP_WRAP("instantiate", (void)0, void *, wasm_runtime_instantiate_ex2,
         (void *module, const void *args, char *error, uint32_t error_size), (module, args, error, error_size))
SGP_WRAP_EXECUTE("wamr::call_wasm", bool, wasm_runtime_call_wasm,
                 (void *environment, void *function, uint32_t count, uint32_t *values),
                 (environment, function, count, values))
SGP_WRAP_EXECUTE("wamr::call_wasm_a", bool, wasm_runtime_call_wasm_a,
                 (void *environment, void *function, uint32_t results_count, void *results, uint32_t count,
                  void *arguments),
                 (environment, function, results_count, results, count, arguments))
SGP_WRAP_EXECUTE("wamr::call_indirect", bool, wasm_runtime_call_indirect,
                 (void *environment, uint32_t element, uint32_t count, uint32_t *values),
                 (environment, element, count, values))
SGP_WRAP_EXECUTE("wamr::execute_main", bool, wasm_application_execute_main, (void *instance, int32_t argc, char **argv),
                 (instance, argc, argv))
SGP_WRAP_EXECUTE("wamr::execute_func", bool, wasm_application_execute_func,
                 (void *instance, const char *name, int32_t argc, char **argv), (instance, name, argc, argv))
