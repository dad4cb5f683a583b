// SPDX-License-Identifier: Apache-2.0
// The subset of WAMR 2.4.3's API (wasm_export.h) that the adapter calls, declared by us so that none of its headers is
// needed.  Everything is looked up with dlsym.  Its wasm.h functions are left alone: their structs are not the
// standard's.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sgperf::wamr {

inline constexpr const char *known_version = "2.4.3"; // layouts below are those of this version

struct WASMModuleCommon;
struct WASMModuleInstanceCommon;
struct WASMExecEnv;
using wasm_module_t = WASMModuleCommon *;
using wasm_module_inst_t = WASMModuleInstanceCommon *;
using wasm_exec_env_t = WASMExecEnv *;
using wasm_function_inst_t = void *;
using wasm_valkind_t = uint8_t; // 0 i32, 1 i64, 2 f32, 3 f64, as in engine.h

struct NativeSymbol {
  const char *symbol;
  void *func_ptr;
  const char *signature;
  void *attachment;
};

enum : int { Alloc_With_System_Allocator = 2 };
enum : int { Mode_Interp = 1, Mode_LLVM_JIT = 3 };
enum : int { Wasm_Module_AoT = 1 };
enum : int { WASM_LOG_LEVEL_FATAL = 0 };

struct RuntimeInitArgs {
  int mem_alloc_type;
  struct {
    void *malloc_func, *realloc_func, *free_func, *user_data;
  } mem_alloc_option;
  const char *native_module_name;
  NativeSymbol *native_symbols;
  uint32_t n_native_symbols;
  uint32_t max_thread_num;
  char ip_addr[128];
  int unused;
  int instance_port;
  uint32_t fast_jit_code_cache_size;
  uint32_t gc_heap_size;
  int running_mode;
  uint32_t llvm_jit_opt_level;
  uint32_t llvm_jit_size_level;
  uint32_t segue_flags;
  bool enable_linux_perf;
};

struct wasm_import_t {
  const char *module_name;
  const char *name;
  int kind; // 0 function, 1 table, 2 memory, 3 global
  bool linked;
  void *type;
};

// X(result, name, parameter types..)
#define SGPERF_WAMR_REQUIRED(X)                                                                                        \
  X(void, wasm_runtime_get_version, uint32_t *, uint32_t *, uint32_t *)                                                \
  X(bool, wasm_runtime_full_init, RuntimeInitArgs *)                                                                   \
  X(void, wasm_runtime_destroy, void)                                                                                  \
  X(void, wasm_runtime_set_log_level, int)                                                                             \
  X(bool, wasm_runtime_is_running_mode_supported, int)                                                                 \
  X(bool, wasm_runtime_register_natives_raw, const char *, NativeSymbol *, uint32_t)                                   \
  X(int, wasm_runtime_get_file_package_type, const uint8_t *, uint32_t)                                                \
  X(wasm_module_t, wasm_runtime_load, uint8_t *, uint32_t, char *, uint32_t)                                           \
  X(void, wasm_runtime_unload, wasm_module_t)                                                                          \
  X(int32_t, wasm_runtime_get_import_count, wasm_module_t)                                                             \
  X(void, wasm_runtime_get_import_type, wasm_module_t, int32_t, wasm_import_t *)                                       \
  X(void, wasm_runtime_set_wasi_args_ex, wasm_module_t, const char **, uint32_t, const char **, uint32_t,              \
    const char **, uint32_t, char **, int, int64_t, int64_t, int64_t)                                                  \
  X(wasm_module_inst_t, wasm_runtime_instantiate, wasm_module_t, uint32_t, uint32_t, char *, uint32_t)                 \
  X(void, wasm_runtime_deinstantiate, wasm_module_inst_t)                                                              \
  X(bool, wasm_runtime_is_wasi_mode, wasm_module_inst_t)                                                               \
  X(uint32_t, wasm_runtime_get_wasi_exit_code, wasm_module_inst_t)                                                     \
  X(wasm_exec_env_t, wasm_runtime_create_exec_env, wasm_module_inst_t, uint32_t)                                       \
  X(void, wasm_runtime_destroy_exec_env, wasm_exec_env_t)                                                              \
  X(wasm_function_inst_t, wasm_runtime_lookup_function, wasm_module_inst_t, const char *)                              \
  X(uint32_t, wasm_func_get_param_count, wasm_function_inst_t, wasm_module_inst_t)                                     \
  X(uint32_t, wasm_func_get_result_count, wasm_function_inst_t, wasm_module_inst_t)                                    \
  X(void, wasm_func_get_param_types, wasm_function_inst_t, wasm_module_inst_t, wasm_valkind_t *)                       \
  X(void, wasm_func_get_result_types, wasm_function_inst_t, wasm_module_inst_t, wasm_valkind_t *)                      \
  X(bool, wasm_runtime_call_wasm, wasm_exec_env_t, wasm_function_inst_t, uint32_t, uint32_t *)                         \
  X(const char *, wasm_runtime_get_exception, wasm_module_inst_t)                                                      \
  X(void, wasm_runtime_clear_exception, wasm_module_inst_t)

// Only in builds of our recipe (inside.c).
#define SGPERF_WAMR_OPTIONAL(X)                                                                                        \
  X(uint64_t, sgperf_wamr_code_size, wasm_module_t)                                                                    \
  X(uint32_t, sgperf_wamr_read_only, wasm_module_inst_t, uint32_t fd)

struct Api {
#define SGPERF_WAMR_MEMBER(result, name, ...) result (*name)(__VA_ARGS__) = nullptr;
  SGPERF_WAMR_REQUIRED(SGPERF_WAMR_MEMBER)
  SGPERF_WAMR_OPTIONAL(SGPERF_WAMR_MEMBER)
#undef SGPERF_WAMR_MEMBER
};

} // namespace sgperf::wamr
