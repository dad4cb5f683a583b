// SPDX-License-Identifier: Apache-2.0
// What Wasmer 7.4 adds to the standard wasm-c-api, as far as the adapter calls it: declared by us from its
// documentation (wasmer.h).  tests/engines/wasmer_test.cc compares it with the header of an installed Wasmer.
#pragma once

#include "wasm-c-api/api.h"

namespace sgperf::wasmer {

using namespace sgperf::wasm_c_api;

inline constexpr const char *known_version = "7.4"; // functions below are those of 7.4.x

struct wasmer_features_t;
struct wasmer_named_extern_t;
struct wasi_config_t;
struct wasi_env_t;
struct wasmer_named_extern_vec_t {
  size_t size;
  wasmer_named_extern_t **data;
};

// wasmer_backend_t
enum : int { backend_cranelift = 0, backend_llvm = 1, backend_singlepass = 2 };

#define SGPERF_WASMER_REQUIRED(X)                                                                                      \
  X(const char *, wasmer_version)                                                                                      \
  X(int, wasmer_last_error_length)                                                                                     \
  X(int, wasmer_last_error_message, char *, int)                                                                       \
  X(bool, wasmer_is_backend_available, int)                                                                            \
  X(void, wasm_config_set_backend, wasm_config_t *, int)                                                               \
  X(void, wasm_config_sys_canonicalize_nans, wasm_config_t *, bool)                                                    \
  X(wasmer_features_t *, wasmer_features_new)                                                                          \
  X(void, wasm_config_set_features, wasm_config_t *, wasmer_features_t *)

// Builds without the feature `wasi` lack these.
#define SGPERF_WASMER_WASI(X)                                                                                          \
  X(wasi_config_t *, wasi_config_new, const char *)                                                                    \
  X(void, wasi_config_arg, wasi_config_t *, const char *)                                                              \
  X(void, wasi_config_env, wasi_config_t *, const char *, const char *)                                                \
  X(bool, wasi_config_mapdir, wasi_config_t *, const char *, const char *)                                             \
  X(wasi_env_t *, wasi_env_new, wasm_store_t *, wasi_config_t *)                                                       \
  X(void, wasi_env_delete, wasi_env_t *)                                                                               \
  X(bool, wasi_env_initialize_instance, wasi_env_t *, wasm_store_t *, wasm_instance_t *)                               \
  X(bool, wasi_get_unordered_imports, wasi_env_t *, const wasm_module_t *, wasmer_named_extern_vec_t *)                \
  X(const wasm_byte_vec_t *, wasmer_named_extern_module, const wasmer_named_extern_t *)                                \
  X(const wasm_byte_vec_t *, wasmer_named_extern_name, const wasmer_named_extern_t *)                                  \
  X(const wasm_extern_t *, wasmer_named_extern_unwrap, const wasmer_named_extern_t *)                                  \
  X(void, wasmer_named_extern_vec_delete, wasmer_named_extern_vec_t *)

struct WasmerApi {
#define SGPERF_WASMER_POINTER(result, name, ...) result (*name)(__VA_ARGS__) = nullptr;
  SGPERF_WASMER_REQUIRED(SGPERF_WASMER_POINTER)
  SGPERF_WASMER_WASI(SGPERF_WASMER_POINTER)
#undef SGPERF_WASMER_POINTER
};

} // namespace sgperf::wasmer
