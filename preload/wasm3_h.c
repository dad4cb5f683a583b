/* SPDX-License-Identifier: Apache-2.0 */
/* wasm3.h, for those who have it as a shared library.  Functions are compiled when they are looked up and when they are
 * first called.  m3_CallV() takes values of any type as they come and cannot be handed on; it ends in m3_CallVL(). */
#include "preload/engine_calls.h"

#include <stdarg.h>

SGP_WRAP("parse", sgp_module_bytes(bytes, size), const char *, m3_ParseModule,
         (void *environment, void **out, const uint8_t *bytes, uint32_t size), (environment, out, bytes, size))
SGP_WRAP("instantiate", (void)0, const char *, m3_LoadModule, (void *runtime, void *module), (runtime, module))
SGP_WRAP("compile", (void)0, const char *, m3_CompileModule, (void *module), (module))
SGP_WRAP("compile", (void)0, const char *, m3_FindFunction, (void **out, void *runtime, const char *name),
         (out, runtime, name))
SGP_WRAP_EXECUTE("wasm3::run_start", const char *, m3_RunStart, (void *module), (module))
SGP_WRAP_EXECUTE("wasm3::call", const char *, m3_Call, (void *function, uint32_t count, const void **arguments),
                 (function, count, arguments))
SGP_WRAP_EXECUTE("wasm3::call_vl", const char *, m3_CallVL, (void *function, va_list arguments), (function, arguments))
SGP_WRAP_EXECUTE("wasm3::call_argv", const char *, m3_CallArgv,
                 (void *function, uint32_t count, const char **arguments), (function, count, arguments))
