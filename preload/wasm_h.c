/* SPDX-License-Identifier: Apache-2.0 */
/* wasm.h, the C API that engines share (Wasmtime, Wasmer, V8's wee8, WAMR), and what Wasmer and WAMR add to it.
 *
 * Older forms of it (imports and values as arrays, not vectors) pass pointers in the same registers. */
#include "preload/engine_calls.h"

struct byte_vec { /* WAMR's goes on behind */
  size_t size;
  const uint8_t *data;
};

static void keep(const struct byte_vec *binary) {
  if (binary) sgp_module_bytes(binary->data, binary->size);
}

SGP_WRAP("compile", keep(binary), void *, wasm_module_new, (void *store, const struct byte_vec *binary),
         (store, binary))
SGP_WRAP("parse", (void)0, bool, wasm_module_validate, (void *store, const struct byte_vec *binary), (store, binary))
SGP_WRAP_VOID("serialize", wasm_module_serialize, (const void *module, struct byte_vec *out), (module, out))
SGP_WRAP("deserialize", (void)0, void *, wasm_module_deserialize, (void *store, const struct byte_vec *artefact),
         (store, artefact))
SGP_WRAP("instantiate", (void)0, void *, wasm_instance_new,
         (void *store, const void *module, const void *imports, void **trap), (store, module, imports, trap))
SGP_WRAP_EXECUTE("wasm::func_call", void *, wasm_func_call, (const void *function, const void *args, void *results),
                 (function, args, results))

/* Wasmer: a module of an engine, without a store. */
SGP_WRAP("compile", keep(binary), void *, wasmer_module_new, (void *engine, const struct byte_vec *binary),
         (engine, binary))

/* WAMR. */
SGP_WRAP("instantiate", (void)0, void *, wasm_instance_new_with_args,
         (void *store, const void *module, const void *imports, void **trap, uint32_t stack, uint32_t heap),
         (store, module, imports, trap, stack, heap))
SGP_WRAP("instantiate", (void)0, void *, wasm_instance_new_with_args_ex,
         (void *store, const void *module, const void *imports, void **trap, const void *args),
         (store, module, imports, trap, args))
