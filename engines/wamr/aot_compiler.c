/* SPDX-License-Identifier: Apache-2.0 */
/* See aot_compiler.h.  Compiled by install.sh with WAMR's headers, among the sources of its compiler. */
#if WASM_ENABLE_WAMR_COMPILER != 0 /* the JIT is built of the same sources */

#include "sgperf_aot_compiler.h"

#include "../../version.h"
#include "aot_export.h"
#include "wasm_export.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

/* What WAMR prints by itself (BH_VPRINTF): its compiler tells its options on stdout, which is the guest's. */
int sgperf_wamrc_discard(const char *format, va_list arguments) {
  (void)format, (void)arguments;
  return 0;
}

static void *fail(char *error, uint32_t size, const char *what, const char *why) {
  if (error && size) snprintf(error, size, "%s: %s", what, why && *why ? why : "no reason given");
  return NULL;
}

EXPORT const char *sgperf_wamrc_version(void) {
  return TEXT(WAMR_VERSION_MAJOR) "." TEXT(WAMR_VERSION_MINOR) "." TEXT(WAMR_VERSION_PATCH);
}

EXPORT int sgperf_wamrc_init(char *error, uint32_t error_size) {
  RuntimeInitArgs arguments;
  memset(&arguments, 0, sizeof arguments);
  arguments.mem_alloc_type = Alloc_With_System_Allocator;
  arguments.running_mode = Mode_Interp;
  if (!wasm_runtime_full_init(&arguments)) {
    fail(error, error_size, "WAMR's compiler cannot be set up", "wasm_runtime_full_init failed");
    return 0;
  }
  wasm_runtime_set_log_level(WASM_LOG_LEVEL_FATAL); /* it would write into the guest's output */
  return 1;
}

EXPORT void *sgperf_wamrc_parse(uint8_t *wasm, uint32_t size, char *error, uint32_t error_size) {
  return wasm_runtime_load(wasm, size, error, error_size);
}

EXPORT uint8_t *sgperf_wamrc_compile(void *module, const struct sgperf_wamrc_options *options, uint32_t *out_size,
                                     char *error, uint32_t error_size) {
  uint8_t *file = NULL;
  AOTCompOption option;
  memset(&option, 0, sizeof option);
  option.target_arch = "x86_64";
  option.target_cpu = (char *)options->cpu;
  option.cpu_features = (char *)options->cpu_features;
  option.opt_level = options->opt_level;
  option.size_level = options->size_level;
  option.bounds_checks = options->bounds_checks;
  option.stack_bounds_checks = 2; /* goes with bounds_checks */
  option.output_format = AOT_FORMAT_FILE;
  /* What the runtime was built with, and wamrc switches on by itself. */
  option.enable_simd = true;
  option.enable_bulk_memory = true;
  option.enable_bulk_memory_opt = true;
  option.enable_ref_types = true;
  option.enable_call_indirect_overlong = true;
  option.enable_extended_const = true;
  option.enable_aux_stack_check = true;

  aot_comp_data_t data = aot_create_comp_data(module, option.target_arch, false);
  if (!data) return fail(error, error_size, "aot_create_comp_data", aot_get_last_error());
  aot_comp_context_t context = aot_create_comp_context(data, &option);
  if (!context)
    fail(error, error_size, "aot_create_comp_context", aot_get_last_error());
  else if (!aot_compile_wasm(context))
    fail(error, error_size, "aot_compile_wasm", aot_get_last_error());
  else if (!(file = aot_emit_aot_file_buf(context, data, out_size)))
    fail(error, error_size, "aot_emit_aot_file_buf", aot_get_last_error());
  if (context) aot_destroy_comp_context(context);
  aot_destroy_comp_data(data);
  return file;
}

EXPORT void sgperf_wamrc_free_file(uint8_t *file) {
  if (file) wasm_runtime_free(file); /* aot_destroy_aot_file is declared, and nowhere defined */
}

EXPORT void sgperf_wamrc_free_module(void *module) {
  if (module) wasm_runtime_unload(module);
}

#endif
