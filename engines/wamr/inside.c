/* SPDX-License-Identifier: Apache-2.0 */
/* What WAMR's API does not offer, compiled into the library by install.sh with WAMR's own headers, so that no layout is
 * guessed.  A build without it works: then code sizes are not known and directories are not read only. */
#include "wasm_runtime_common.h"

#if WASM_ENABLE_INTERP != 0
#include "../interpreter/wasm.h"
#endif
#if WASM_ENABLE_AOT != 0
#include "../aot/aot_runtime.h"
#endif
#include "rights.h"
#include "wasmtime_ssp.h"

#define EXPORT __attribute__((visibility("default")))

/* Bytes of machine code or of the fast interpreter's code; 0 = not known (what the LLVM JIT made). */
EXPORT uint64 sgperf_wamr_code_size(WASMModuleCommon *module) {
#if WASM_ENABLE_AOT != 0
  if (module->module_type == Wasm_Module_AoT) return ((AOTModule *)module)->code_size;
#endif
#if WASM_ENABLE_INTERP != 0 && WASM_ENABLE_FAST_INTERP != 0
  if (module->module_type == Wasm_Module_Bytecode) {
    WASMModule *wasm = (WASMModule *)module;
    uint64 bytes = 0;
    for (uint32 i = 0; i < wasm->function_count; i++) bytes += wasm->functions[i]->code_compiled_size;
    return bytes;
  }
#endif
  return 0;
}

/* Takes the rights to change anything from one of the guest's directories, and from what is opened in it.  WAMR keeps
 * WASI's rights but has no way to give fewer.  0, or WASI's errno. */
EXPORT uint32 sgperf_wamr_read_only(WASMModuleInstanceCommon *instance, uint32 fd) {
  const __wasi_rights_t changing =
      __WASI_RIGHT_FD_WRITE | __WASI_RIGHT_FD_ALLOCATE | __WASI_RIGHT_FD_DATASYNC | __WASI_RIGHT_FD_FILESTAT_SET_SIZE |
      __WASI_RIGHT_FD_FILESTAT_SET_TIMES | __WASI_RIGHT_PATH_CREATE_DIRECTORY | __WASI_RIGHT_PATH_CREATE_FILE |
      __WASI_RIGHT_PATH_LINK_SOURCE | __WASI_RIGHT_PATH_LINK_TARGET | __WASI_RIGHT_PATH_RENAME_SOURCE |
      __WASI_RIGHT_PATH_RENAME_TARGET | __WASI_RIGHT_PATH_FILESTAT_SET_SIZE | __WASI_RIGHT_PATH_FILESTAT_SET_TIMES |
      __WASI_RIGHT_PATH_SYMLINK | __WASI_RIGHT_PATH_UNLINK_FILE | __WASI_RIGHT_PATH_REMOVE_DIRECTORY;
  WASIContext *wasi = wasm_runtime_get_wasi_ctx(instance);
  if (!wasi || !wasi->curfds) return __WASI_EBADF;
  return wasmtime_ssp_fd_fdstat_set_rights(NULL, wasi->curfds, fd, RIGHTS_DIRECTORY_BASE & ~changing,
                                           RIGHTS_DIRECTORY_INHERITING & ~changing);
}
