// SPDX-License-Identifier: Apache-2.0
// The subset of wasm3's C API that the adapter calls, declared by us so that no header of wasm3's is needed. Everything
// is looked up with dlsym.  Objects are opaque; value types 1 to 4 have been the four numbers since 0.5.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sgperf::wasm3 {

struct M3Environment;
struct M3Runtime;
struct M3Module;
struct M3Function;

using M3Result = const char *; // nullptr, or a message; traps begin with "[trap]"

struct M3ImportContext {
  void *userdata;
  M3Function *function;
};
// Results stand in front of the parameters at `sp`, a slot of 64 bits each.
using M3RawCall = const void *(*)(M3Runtime *runtime, M3ImportContext *context, uint64_t *sp, void *memory);

struct M3ErrorInfo {
  M3Result result;
  M3Runtime *runtime;
  M3Module *module;
  M3Function *function;
  const char *file;
  uint32_t line;
  const char *message;
};

// X(result, name, parameter types..)
#define SGPERF_WASM3_REQUIRED(X)                                                                                       \
  X(M3Environment *, m3_NewEnvironment)                                                                                \
  X(void, m3_FreeEnvironment, M3Environment *)                                                                         \
  X(M3Runtime *, m3_NewRuntime, M3Environment *, uint32_t stack_bytes, void *userdata)                                 \
  X(void, m3_FreeRuntime, M3Runtime *)                                                                                 \
  X(uint32_t, m3_GetMemorySize, M3Runtime *)                                                                           \
  X(M3Result, m3_ParseModule, M3Environment *, M3Module **, const uint8_t *, uint32_t)                                 \
  X(void, m3_FreeModule, M3Module *)                                                                                   \
  X(M3Result, m3_LoadModule, M3Runtime *, M3Module *)                                                                  \
  X(M3Result, m3_CompileModule, M3Module *)                                                                            \
  X(M3Result, m3_RunStart, M3Module *)                                                                                 \
  X(M3Result, m3_LinkRawFunctionEx, M3Module *, const char *module, const char *field, const char *signature,          \
    M3RawCall, const void *userdata)                                                                                   \
  X(M3Result, m3_FindFunction, M3Function **, M3Runtime *, const char *)                                               \
  X(uint32_t, m3_GetArgCount, M3Function *)                                                                            \
  X(uint32_t, m3_GetRetCount, M3Function *)                                                                            \
  X(int, m3_GetArgType, M3Function *, uint32_t)                                                                        \
  X(int, m3_GetRetType, M3Function *, uint32_t)                                                                        \
  X(M3Result, m3_Call, M3Function *, uint32_t, const void **)                                                          \
  X(M3Result, m3_GetResults, M3Function *, uint32_t, const void **)                                                    \
  X(void, m3_GetErrorInfo, M3Runtime *, M3ErrorInfo *)                                                                 \
  X(void, m3_ResetErrorInfo, M3Runtime *)

// Only in builds of our recipe (build_info.c).
#define SGPERF_WASM3_OPTIONAL(X)                                                                                       \
  X(const char *, sgperf_wasm3_version)                                                                                \
  X(size_t, sgperf_wasm3_code_bytes, M3Runtime *)

struct Api {
#define SGPERF_WASM3_MEMBER(result, name, ...) result (*name)(__VA_ARGS__) = nullptr;
  SGPERF_WASM3_REQUIRED(SGPERF_WASM3_MEMBER)
  SGPERF_WASM3_OPTIONAL(SGPERF_WASM3_MEMBER)
#undef SGPERF_WASM3_MEMBER
};

} // namespace sgperf::wasm3
