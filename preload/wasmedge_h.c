/* SPDX-License-Identifier: Apache-2.0 */
/* wasmedge.h: VM, or loader, validator, executor and compiler.  WasmEdge_VMRunWasmFrom.. does all of it in one call.
 * Calls that return a WasmEdge_Async are not wrapped: their work is done on another thread. */
#include "preload/engine_calls.h"

struct outcome {
  uint32_t code;
};
struct string {
  uint32_t length;
  const char *text;
};
struct bytes {
  uint32_t length;
  const uint8_t *bytes;
};

#define ALL_IN_ONE "parse+instantiate+execute"

SGP_WRAP("parse", (void)0, struct outcome, WasmEdge_LoaderParseFromFile,
         (void *loader, void **module, const char *path), (loader, module, path))
SGP_WRAP("parse", sgp_module_bytes(bytes, size), struct outcome, WasmEdge_LoaderParseFromBuffer,
         (void *loader, void **module, const uint8_t *bytes, uint32_t size), (loader, module, bytes, size))
SGP_WRAP("parse", sgp_module_bytes(bytes.bytes, bytes.length), struct outcome, WasmEdge_LoaderParseFromBytes,
         (void *loader, void **module, struct bytes bytes), (loader, module, bytes))
SGP_WRAP("serialize", (void)0, struct outcome, WasmEdge_LoaderSerializeASTModule,
         (void *loader, const void *module, struct bytes *out), (loader, module, out))
SGP_WRAP("parse", (void)0, struct outcome, WasmEdge_ValidatorValidate, (void *validator, const void *module),
         (validator, module))
SGP_WRAP("instantiate", (void)0, struct outcome, WasmEdge_ExecutorInstantiate,
         (void *executor, void **instance, void *store, const void *module), (executor, instance, store, module))
SGP_WRAP("instantiate", (void)0, struct outcome, WasmEdge_ExecutorRegister,
         (void *executor, void **instance, void *store, const void *module, struct string name),
         (executor, instance, store, module, name))
SGP_WRAP_EXECUTE("wasmedge::executor_invoke", struct outcome, WasmEdge_ExecutorInvoke,
                 (void *executor, const void *function, const void *arguments, uint32_t count, void *results,
                  uint32_t results_count),
                 (executor, function, arguments, count, results, results_count))
SGP_WRAP("compile", (void)0, struct outcome, WasmEdge_CompilerCompile,
         (void *compiler, const char *from, const char *to), (compiler, from, to))
SGP_WRAP("compile", sgp_module_bytes(bytes, size), struct outcome, WasmEdge_CompilerCompileFromBuffer,
         (void *compiler, const uint8_t *bytes, uint64_t size, const char *to), (compiler, bytes, size, to))
SGP_WRAP("compile", sgp_module_bytes(bytes.bytes, bytes.length), struct outcome, WasmEdge_CompilerCompileFromBytes,
         (void *compiler, struct bytes bytes, const char *to), (compiler, bytes, to))

SGP_WRAP("parse", (void)0, struct outcome, WasmEdge_VMLoadWasmFromFile, (void *vm, const char *path), (vm, path))
SGP_WRAP("parse", sgp_module_bytes(bytes, size), struct outcome, WasmEdge_VMLoadWasmFromBuffer,
         (void *vm, const uint8_t *bytes, uint32_t size), (vm, bytes, size))
SGP_WRAP("parse", sgp_module_bytes(bytes.bytes, bytes.length), struct outcome, WasmEdge_VMLoadWasmFromBytes,
         (void *vm, struct bytes bytes), (vm, bytes))
SGP_WRAP("parse", (void)0, struct outcome, WasmEdge_VMValidate, (void *vm), (vm))
SGP_WRAP("instantiate", (void)0, struct outcome, WasmEdge_VMInstantiate, (void *vm), (vm))
SGP_WRAP_EXECUTE("wasmedge::vm_execute", struct outcome, WasmEdge_VMExecute,
                 (void *vm, struct string function, const void *arguments, uint32_t count, void *results,
                  uint32_t results_count),
                 (vm, function, arguments, count, results, results_count))
SGP_WRAP_EXECUTE("wasmedge::vm_execute_registered", struct outcome, WasmEdge_VMExecuteRegistered,
                 (void *vm, struct string module, struct string function, const void *arguments, uint32_t count,
                  void *results, uint32_t results_count),
                 (vm, module, function, arguments, count, results, results_count))
SGP_WRAP(ALL_IN_ONE, (void)0, struct outcome, WasmEdge_VMRunWasmFromFile,
         (void *vm, const char *path, struct string function, const void *arguments, uint32_t count, void *results,
          uint32_t results_count),
         (vm, path, function, arguments, count, results, results_count))
SGP_WRAP(ALL_IN_ONE, sgp_module_bytes(bytes, size), struct outcome, WasmEdge_VMRunWasmFromBuffer,
         (void *vm, const uint8_t *bytes, uint32_t size, struct string function, const void *arguments, uint32_t count,
          void *results, uint32_t results_count),
         (vm, bytes, size, function, arguments, count, results, results_count))
SGP_WRAP(ALL_IN_ONE, sgp_module_bytes(bytes.bytes, bytes.length), struct outcome, WasmEdge_VMRunWasmFromBytes,
         (void *vm, struct bytes bytes, struct string function, const void *arguments, uint32_t count, void *results,
          uint32_t results_count),
         (vm, bytes, function, arguments, count, results, results_count))
SGP_WRAP("instantiate+execute", (void)0, struct outcome, WasmEdge_VMRunWasmFromASTModule,
         (void *vm, const void *module, struct string function, const void *arguments, uint32_t count, void *results,
          uint32_t results_count),
         (vm, module, function, arguments, count, results, results_count))
