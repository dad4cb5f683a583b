/* SPDX-License-Identifier: Apache-2.0 */
/* wasmtime.h: modules, components, linkers.  Calls that return a future (.._async) are not wrapped: their work is done
 * when the host polls. */
#include "preload/engine_calls.h"
#include "preload/wasmtime_marks.h"

SGP_WRAP("compile", sgp_module_bytes(bytes, size), void *, wasmtime_module_new,
         (void *engine, const uint8_t *bytes, size_t size, void **out), (engine, bytes, size, out))
SGP_WRAP("parse", (void)0, void *, wasmtime_module_validate, (void *engine, const uint8_t *bytes, size_t size),
         (engine, bytes, size))
SGP_WRAP("serialize", (void)0, void *, wasmtime_module_serialize, (const void *module, void *out), (module, out))
SGP_WRAP("deserialize", (void)0, void *, wasmtime_module_deserialize,
         (void *engine, const uint8_t *bytes, size_t size, void **out), (engine, bytes, size, out))
SGP_WRAP("deserialize", (void)0, void *, wasmtime_module_deserialize_file, (void *engine, const char *path, void **out),
         (engine, path, out))
SGP_WRAP("instantiate", (void)0, void *, wasmtime_instance_new,
         (void *store, const void *module, const void *imports, size_t count, void *instance, void **trap),
         (store, module, imports, count, instance, trap))
SGP_WRAP("instantiate", (void)0, void *, wasmtime_instance_pre_instantiate,
         (const void *instance_pre, void *store, void *instance, void **trap), (instance_pre, store, instance, trap))
SGP_DEFINE(void *, wasmtime_linker_instantiate,
           (const void *linker, void *store, const void *module, void *instance, void **trap)) {
  sgp_real_wasmtime_linker_instantiate *real = SGP_REAL(wasmtime_linker_instantiate);
  if (!sgp_live()) return real(linker, store, module, instance, trap);
  sgp_wasmtime_marks_begin((const void *)(uintptr_t)real, (void *)(uintptr_t)linker, store, module);
  const bool phased = sgp_engine_phase_begin("instantiate");
  void *error = real(linker, store, module, instance, trap);
  if (phased) sgp_engine_phase_end("instantiate");
  sgp_wasmtime_marks_end();
  return error;
}
SGP_WRAP("instantiate", (void)0, void *, wasmtime_linker_module,
         (void *linker, void *store, const char *name, size_t length, const void *module),
         (linker, store, name, length, module))
SGP_WRAP_EXECUTE("wasmtime::func_call", void *, wasmtime_func_call,
                 (void *store, const void *function, const void *args, size_t count, void *results,
                  size_t results_count, void **trap),
                 (store, function, args, count, results, results_count, trap))
SGP_WRAP_EXECUTE("wasmtime::func_call_unchecked", void *, wasmtime_func_call_unchecked,
                 (void *store, const void *function, void *args_and_results, size_t count, void **trap),
                 (store, function, args_and_results, count, trap))

SGP_WRAP("compile", (void)0, void *, wasmtime_component_new,
         (const void *engine, const uint8_t *bytes, size_t size, void **out), (engine, bytes, size, out))
SGP_WRAP("serialize", (void)0, void *, wasmtime_component_serialize, (const void *component, void *out),
         (component, out))
SGP_WRAP("deserialize", (void)0, void *, wasmtime_component_deserialize,
         (const void *engine, const uint8_t *bytes, size_t size, void **out), (engine, bytes, size, out))
SGP_WRAP("deserialize", (void)0, void *, wasmtime_component_deserialize_file,
         (const void *engine, const char *path, void **out), (engine, path, out))
SGP_WRAP("instantiate", (void)0, void *, wasmtime_component_linker_instantiate,
         (const void *linker, void *store, const void *component, void *instance), (linker, store, component, instance))
SGP_WRAP_EXECUTE("wasmtime::component_func_call", void *, wasmtime_component_func_call,
                 (const void *function, void *store, const void *args, size_t count, void *results,
                  size_t results_count),
                 (function, store, args, count, results, results_count))
