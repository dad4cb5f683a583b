// SPDX-License-Identifier: Apache-2.0
// The subset of Wasmtime 50's C API (wasm.h, wasi.h, wasmtime.h) that the adapter calls, declared by us from its
// documentation, so that a machine needs neither Rust nor Wasmtime's headers.  Everything is looked up with dlsym.
// tests/engines/signatures_test.cc compares each line with the signatures in the PyPI package's own _bindings.py.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sgperf::wasmtime {

inline constexpr const char *known_major = "50"; // layouts below are those of this version

struct wasm_config_t;
struct wasm_engine_t;
struct wasm_functype_t;
struct wasm_trap_t;
struct wasm_valtype_t;
struct wasi_config_t;
struct wasmtime_caller_t;
struct wasmtime_context_t;
struct wasmtime_error_t;
struct wasmtime_linker_t;
struct wasmtime_module_t;
struct wasmtime_store_t;

struct wasm_byte_vec_t {
  size_t size;
  uint8_t *data;
};
struct wasm_valtype_vec_t {
  size_t size;
  wasm_valtype_t **data;
};
struct wasmtime_func_t {
  uint64_t store_id;
  void *private_;
};
struct wasmtime_instance_t {
  uint64_t store_id;
  size_t private_;
};
struct wasmtime_memory_t { // the biggest of what an extern can be; table and global have its size
  struct {
    uint64_t store_id;
    uint32_t private1;
  } anonymous;
  uint32_t private2;
};
struct wasmtime_extern_t {
  uint8_t kind; // 0 = function
  union {
    wasmtime_func_t func;
    wasmtime_memory_t memory;
  } of;
};
union wasmtime_val_raw_t {
  int32_t i32;
  int64_t i64;
  float f32;
  double f64;
  uint8_t v128[16];
  void *funcref;
};
static_assert(sizeof(wasmtime_extern_t) == 32 && sizeof(wasmtime_val_raw_t) == 16, "layout of version 50");

// Returns a trap or nullptr.
using wasmtime_func_unchecked_callback_t = size_t (*)(void *env, wasmtime_caller_t *, wasmtime_val_raw_t *values,
                                                      size_t count);
using finalizer_t = void (*)(void *);

// Kinds in wasm_valkind_t: 0 i32, 1 i64, 2 f32, 3 f64, as in sgperf_value.
// X(result, name, parameters...): without these there is no engine.
#define SGPERF_WASMTIME_REQUIRED(X)                                                                                    \
  X(wasm_config_t *, wasm_config_new)                                                                                  \
  X(void, wasm_config_delete, wasm_config_t *)                                                                         \
  X(wasm_engine_t *, wasm_engine_new_with_config, wasm_config_t *)                                                     \
  X(void, wasm_engine_delete, wasm_engine_t *)                                                                         \
  X(void, wasm_byte_vec_delete, wasm_byte_vec_t *)                                                                     \
  X(void, wasm_valtype_vec_new_empty, wasm_valtype_vec_t *)                                                            \
  X(wasm_functype_t *, wasm_functype_new, wasm_valtype_vec_t *, wasm_valtype_vec_t *)                                  \
  X(void, wasm_functype_delete, wasm_functype_t *)                                                                     \
  X(wasm_valtype_vec_t *, wasm_functype_params, wasm_functype_t *)                                                     \
  X(wasm_valtype_vec_t *, wasm_functype_results, wasm_functype_t *)                                                    \
  X(uint8_t, wasm_valtype_kind, wasm_valtype_t *)                                                                      \
  X(void, wasm_trap_message, wasm_trap_t *, wasm_byte_vec_t *)                                                         \
  X(void, wasm_trap_delete, wasm_trap_t *)                                                                             \
  X(void, wasmtime_error_message, wasmtime_error_t *, wasm_byte_vec_t *)                                               \
  X(void, wasmtime_error_delete, wasmtime_error_t *)                                                                   \
  X(bool, wasmtime_error_exit_status, wasmtime_error_t *, int *)                                                       \
  X(wasmtime_error_t *, wasmtime_module_new, wasm_engine_t *, uint8_t *, size_t, wasmtime_module_t **)                 \
  X(wasmtime_error_t *, wasmtime_module_validate, wasm_engine_t *, uint8_t *, size_t)                                  \
  X(void, wasmtime_module_delete, wasmtime_module_t *)                                                                 \
  X(wasmtime_error_t *, wasmtime_module_serialize, wasmtime_module_t *, wasm_byte_vec_t *)                             \
  X(wasmtime_error_t *, wasmtime_module_deserialize_file, wasm_engine_t *, char *, wasmtime_module_t **)               \
  X(void, wasmtime_module_image_range, wasmtime_module_t *, void **, void **)                                          \
  X(wasmtime_store_t *, wasmtime_store_new, wasm_engine_t *, void *, finalizer_t)                                      \
  X(void, wasmtime_store_delete, wasmtime_store_t *)                                                                   \
  X(wasmtime_context_t *, wasmtime_store_context, wasmtime_store_t *)                                                  \
  X(wasmtime_error_t *, wasmtime_context_set_wasi, wasmtime_context_t *, wasi_config_t *)                              \
  X(wasmtime_error_t *, wasmtime_context_set_fuel, wasmtime_context_t *, uint64_t)                                     \
  X(void, wasmtime_context_set_epoch_deadline, wasmtime_context_t *, uint64_t)                                         \
  X(wasmtime_linker_t *, wasmtime_linker_new, wasm_engine_t *)                                                         \
  X(void, wasmtime_linker_delete, wasmtime_linker_t *)                                                                 \
  X(wasmtime_error_t *, wasmtime_linker_define_wasi, wasmtime_linker_t *)                                              \
  X(wasmtime_error_t *, wasmtime_linker_define_func_unchecked, wasmtime_linker_t *, char *, size_t, char *, size_t,    \
    wasm_functype_t *, wasmtime_func_unchecked_callback_t, void *, finalizer_t)                                        \
  X(wasmtime_error_t *, wasmtime_linker_instantiate, wasmtime_linker_t *, wasmtime_context_t *, wasmtime_module_t *,   \
    wasmtime_instance_t *, wasm_trap_t **)                                                                             \
  X(bool, wasmtime_instance_export_get, wasmtime_context_t *, wasmtime_instance_t *, char *, size_t,                   \
    wasmtime_extern_t *)                                                                                               \
  X(wasm_functype_t *, wasmtime_func_type, wasmtime_context_t *, wasmtime_func_t *)                                    \
  X(wasmtime_error_t *, wasmtime_func_call_unchecked, wasmtime_context_t *, wasmtime_func_t *, wasmtime_val_raw_t *,   \
    size_t, wasm_trap_t **)                                                                                            \
  X(wasi_config_t *, wasi_config_new)                                                                                  \
  X(void, wasi_config_delete, wasi_config_t *)                                                                         \
  X(bool, wasi_config_set_argv, wasi_config_t *, size_t, char **)                                                      \
  X(bool, wasi_config_set_env, wasi_config_t *, size_t, char **, char **)                                              \
  X(bool, wasi_config_set_stdin_file, wasi_config_t *, char *)                                                         \
  X(bool, wasi_config_set_stdout_file, wasi_config_t *, char *)                                                        \
  X(bool, wasi_config_set_stderr_file, wasi_config_t *, char *)                                                        \
  X(bool, wasi_config_preopen_dir, wasi_config_t *, char *, char *, bool)

// Behind flags; a build with fewer features lacks some.
#define SGPERF_WASMTIME_OPTIONAL(X)                                                                                    \
  X(void, wasmtime_config_strategy_set, wasm_config_t *, uint8_t)                                                      \
  X(wasmtime_error_t *, wasmtime_config_target_set, wasm_config_t *, char *)                                           \
  X(void, wasmtime_config_cranelift_opt_level_set, wasm_config_t *, uint8_t)                                           \
  X(void, wasmtime_config_cranelift_regalloc_algorithm_set, wasm_config_t *, uint8_t)                                  \
  X(void, wasmtime_config_profiler_set, wasm_config_t *, uint8_t)                                                      \
  X(void, wasmtime_config_cranelift_flag_set, wasm_config_t *, char *, char *)                                         \
  X(void, wasmtime_config_max_wasm_stack_set, wasm_config_t *, size_t)                                                 \
  X(void, wasmtime_config_memory_reservation_set, wasm_config_t *, uint64_t)                                           \
  X(void, wasmtime_config_memory_reservation_for_growth_set, wasm_config_t *, uint64_t)                                \
  X(void, wasmtime_config_memory_guard_size_set, wasm_config_t *, uint64_t)                                            \
  X(void, wasmtime_config_memory_may_move_set, wasm_config_t *, bool)                                                  \
  X(void, wasmtime_config_memory_init_cow_set, wasm_config_t *, bool)                                                  \
  X(void, wasmtime_config_signals_based_traps_set, wasm_config_t *, bool)                                              \
  X(void, wasmtime_config_parallel_compilation_set, wasm_config_t *, bool)                                             \
  X(void, wasmtime_config_cranelift_debug_verifier_set, wasm_config_t *, bool)                                         \
  X(void, wasmtime_config_cranelift_nan_canonicalization_set, wasm_config_t *, bool)                                   \
  X(void, wasmtime_config_native_unwind_info_set, wasm_config_t *, bool)                                               \
  X(void, wasmtime_config_debug_info_set, wasm_config_t *, bool)                                                       \
  X(void, wasmtime_config_consume_fuel_set, wasm_config_t *, bool)                                                     \
  X(void, wasmtime_config_epoch_interruption_set, wasm_config_t *, bool)                                               \
  X(void, wasmtime_config_shared_memory_set, wasm_config_t *, bool)                                                    \
  X(void, wasmtime_config_wasm_threads_set, wasm_config_t *, bool)                                                     \
  X(void, wasmtime_config_wasm_tail_call_set, wasm_config_t *, bool)                                                   \
  X(void, wasmtime_config_wasm_reference_types_set, wasm_config_t *, bool)                                             \
  X(void, wasmtime_config_wasm_function_references_set, wasm_config_t *, bool)                                         \
  X(void, wasmtime_config_wasm_gc_set, wasm_config_t *, bool)                                                          \
  X(void, wasmtime_config_wasm_simd_set, wasm_config_t *, bool)                                                        \
  X(void, wasmtime_config_wasm_relaxed_simd_set, wasm_config_t *, bool)                                                \
  X(void, wasmtime_config_wasm_relaxed_simd_deterministic_set, wasm_config_t *, bool)                                  \
  X(void, wasmtime_config_wasm_bulk_memory_set, wasm_config_t *, bool)                                                 \
  X(void, wasmtime_config_wasm_multi_value_set, wasm_config_t *, bool)                                                 \
  X(void, wasmtime_config_wasm_multi_memory_set, wasm_config_t *, bool)                                                \
  X(void, wasmtime_config_wasm_memory64_set, wasm_config_t *, bool)                                                    \
  X(void, wasmtime_config_wasm_wide_arithmetic_set, wasm_config_t *, bool)                                             \
  X(void, wasmtime_config_wasm_exceptions_set, wasm_config_t *, bool)                                                  \
  X(void, wasmtime_config_wasm_custom_page_sizes_set, wasm_config_t *, bool)                                           \
  X(void, wasmtime_config_wasm_stack_switching_set, wasm_config_t *, bool)

struct Api {
#define SGPERF_WASMTIME_POINTER(result, name, ...) result (*name)(__VA_ARGS__) = nullptr;
  SGPERF_WASMTIME_REQUIRED(SGPERF_WASMTIME_POINTER)
  SGPERF_WASMTIME_OPTIONAL(SGPERF_WASMTIME_POINTER)
#undef SGPERF_WASMTIME_POINTER
};

} // namespace sgperf::wasmtime
