// SPDX-License-Identifier: Apache-2.0
// The subset of the standard wasm-c-api (wasm.h) that adapters call, declared by us from its documentation: a machine
// without Rust has no header.  Everything is looked up with dlsym.  preload/wasm_h.c wraps functions of the same API;
// tests/engines/wasm_c_api_test.cc compares each line below with a real wasm.h where an installed engine brings one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sgperf::wasm_c_api {

struct wasm_config_t;
struct wasm_engine_t;
struct wasm_store_t;
struct wasm_valtype_t;
struct wasm_functype_t;
struct wasm_externtype_t;
struct wasm_importtype_t;
struct wasm_exporttype_t;
struct wasm_trap_t;
struct wasm_module_t;
struct wasm_shared_module_t;
struct wasm_func_t;
struct wasm_memory_t;
struct wasm_extern_t;
struct wasm_instance_t;

// Kinds: 0 i32, 1 i64, 2 f32, 3 f64, as in sgperf_value; 128 and above are references.
struct wasm_val_t {
  uint8_t kind;
  union {
    int32_t i32;
    int64_t i64;
    float f32;
    double f64;
    void *ref;
  } of;
};
static_assert(sizeof(wasm_val_t) == 16 && offsetof(wasm_val_t, of) == 8, "layout of the standard header");

// Some engines put fields of their own behind these two (WAMR): loading such a library is refused, see library.h.
#define SGPERF_WASM_VEC(name, element)                                                                                 \
  struct wasm_##name##_vec_t {                                                                                         \
    size_t size;                                                                                                       \
    element *data;                                                                                                     \
  };
SGPERF_WASM_VEC(byte, char)
SGPERF_WASM_VEC(val, wasm_val_t)
SGPERF_WASM_VEC(valtype, wasm_valtype_t *)
SGPERF_WASM_VEC(importtype, wasm_importtype_t *)
SGPERF_WASM_VEC(exporttype, wasm_exporttype_t *)
SGPERF_WASM_VEC(extern, wasm_extern_t *)
#undef SGPERF_WASM_VEC

// Of externs and their types.
enum : uint8_t { extern_func = 0, extern_global = 1, extern_table = 2, extern_memory = 3 };

using wasm_func_callback_with_env_t = wasm_trap_t *(*)(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results);
using finalizer_t = void (*)(void *);

// X(result, name, parameters...): without these there is no engine.
#define SGPERF_WASM_REQUIRED(X)                                                                                        \
  X(wasm_config_t *, wasm_config_new)                                                                                  \
  X(wasm_engine_t *, wasm_engine_new_with_config, wasm_config_t *)                                                     \
  X(void, wasm_engine_delete, wasm_engine_t *)                                                                         \
  X(wasm_store_t *, wasm_store_new, wasm_engine_t *)                                                                   \
  X(void, wasm_store_delete, wasm_store_t *)                                                                           \
  X(void, wasm_byte_vec_new, wasm_byte_vec_t *, size_t, const char *)                                                  \
  X(void, wasm_byte_vec_delete, wasm_byte_vec_t *)                                                                     \
  X(void, wasm_val_vec_new, wasm_val_vec_t *, size_t, const wasm_val_t *)                                              \
  X(void, wasm_val_vec_delete, wasm_val_vec_t *)                                                                       \
  X(uint8_t, wasm_valtype_kind, const wasm_valtype_t *)                                                                \
  X(const wasm_valtype_vec_t *, wasm_functype_params, const wasm_functype_t *)                                         \
  X(const wasm_valtype_vec_t *, wasm_functype_results, const wasm_functype_t *)                                        \
  X(uint8_t, wasm_externtype_kind, const wasm_externtype_t *)                                                          \
  X(const wasm_functype_t *, wasm_externtype_as_functype_const, const wasm_externtype_t *)                             \
  X(const wasm_byte_vec_t *, wasm_importtype_module, const wasm_importtype_t *)                                        \
  X(const wasm_byte_vec_t *, wasm_importtype_name, const wasm_importtype_t *)                                          \
  X(const wasm_externtype_t *, wasm_importtype_type, const wasm_importtype_t *)                                        \
  X(void, wasm_importtype_vec_delete, wasm_importtype_vec_t *)                                                         \
  X(const wasm_byte_vec_t *, wasm_exporttype_name, const wasm_exporttype_t *)                                          \
  X(const wasm_externtype_t *, wasm_exporttype_type, const wasm_exporttype_t *)                                        \
  X(void, wasm_exporttype_vec_delete, wasm_exporttype_vec_t *)                                                         \
  X(wasm_trap_t *, wasm_trap_new, wasm_store_t *, const wasm_byte_vec_t *)                                             \
  X(void, wasm_trap_message, const wasm_trap_t *, wasm_byte_vec_t *)                                                   \
  X(void, wasm_trap_delete, wasm_trap_t *)                                                                             \
  X(wasm_module_t *, wasm_module_new, wasm_store_t *, const wasm_byte_vec_t *)                                         \
  X(bool, wasm_module_validate, wasm_store_t *, const wasm_byte_vec_t *)                                               \
  X(void, wasm_module_imports, const wasm_module_t *, wasm_importtype_vec_t *)                                         \
  X(void, wasm_module_exports, const wasm_module_t *, wasm_exporttype_vec_t *)                                         \
  X(void, wasm_module_delete, wasm_module_t *)                                                                         \
  X(wasm_func_t *, wasm_func_new_with_env, wasm_store_t *, const wasm_functype_t *, wasm_func_callback_with_env_t,     \
    void *, finalizer_t)                                                                                               \
  X(void, wasm_func_delete, wasm_func_t *)                                                                             \
  X(wasm_trap_t *, wasm_func_call, const wasm_func_t *, const wasm_val_vec_t *, wasm_val_vec_t *)                      \
  X(wasm_extern_t *, wasm_func_as_extern, wasm_func_t *)                                                               \
  X(wasm_func_t *, wasm_extern_as_func, wasm_extern_t *)                                                               \
  X(wasm_memory_t *, wasm_extern_as_memory, wasm_extern_t *)                                                           \
  X(void, wasm_extern_vec_delete, wasm_extern_vec_t *)                                                                 \
  X(char *, wasm_memory_data, wasm_memory_t *)                                                                         \
  X(size_t, wasm_memory_data_size, const wasm_memory_t *)                                                              \
  X(wasm_instance_t *, wasm_instance_new, wasm_store_t *, const wasm_module_t *, const wasm_extern_vec_t *,            \
    wasm_trap_t **)                                                                                                    \
  X(void, wasm_instance_exports, const wasm_instance_t *, wasm_extern_vec_t *)                                         \
  X(void, wasm_instance_delete, wasm_instance_t *)

// Some libraries lack them.
#define SGPERF_WASM_OPTIONAL(X)                                                                                        \
  X(void, wasm_module_serialize, const wasm_module_t *, wasm_byte_vec_t *)                                             \
  X(wasm_module_t *, wasm_module_deserialize, wasm_store_t *, const wasm_byte_vec_t *)                                 \
  X(wasm_shared_module_t *, wasm_module_share, const wasm_module_t *)                                                  \
  X(wasm_module_t *, wasm_module_obtain, wasm_store_t *, const wasm_shared_module_t *)                                 \
  X(void, wasm_shared_module_delete, wasm_shared_module_t *)

struct Api {
#define SGPERF_WASM_POINTER(result, name, ...) result (*name)(__VA_ARGS__) = nullptr;
  SGPERF_WASM_REQUIRED(SGPERF_WASM_POINTER)
  SGPERF_WASM_OPTIONAL(SGPERF_WASM_POINTER)
#undef SGPERF_WASM_POINTER
};

} // namespace sgperf::wasm_c_api
