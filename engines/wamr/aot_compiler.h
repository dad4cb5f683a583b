/* SPDX-License-Identifier: Apache-2.0 */
/* WAMR's ahead-of-time compiler as a library: what aot_compiler.c, built into libsgperf-wamrc.so with the objects of
 * WAMR's compiler, offers to the adapter.  In one process, so that parsing, compiling and writing can be timed each by
 * itself; WAMR's own driver, wamrc, does all of them in one run.
 *
 * THREAD. One at a time.  ERRORS. NULL or 0, and a sentence in `error` (always terminated).
 * Options are strings and numbers of wamrc's command line; the structs of WAMR's headers stay on this side. */
#ifndef SGPERF_ENGINES_WAMR_AOT_COMPILER_H
#define SGPERF_ENGINES_WAMR_AOT_COMPILER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sgperf_wamrc_options {
  uint32_t struct_size;
  uint32_t opt_level;       /* 0 to 3 */
  uint32_t size_level;      /* 0 to 3: 3 = the large code model is not needed */
  uint32_t bounds_checks;   /* 0 none, 1 in code, 2 = by guard pages where the target has them */
  const char *cpu;          /* of LLVM's names: "x86-64-v3"; NULL = LLVM's default of the architecture */
  const char *cpu_features; /* "+avx2,-bmi"; NULL = those of the CPU */
};

/* "2.4.3" */
const char *sgperf_wamrc_version(void);
/* Once in a process, before all others; 1 = ready. */
int sgperf_wamrc_init(char *error, uint32_t error_size);
/* Reads and validates.  `wasm` is changed in place and must stay until the module is freed. */
void *sgperf_wamrc_parse(uint8_t *wasm, uint32_t size, char *error, uint32_t error_size);
/* The bytes of an .aot file, to be freed with sgperf_wamrc_free_file. */
uint8_t *sgperf_wamrc_compile(void *module, const struct sgperf_wamrc_options *options, uint32_t *out_size, char *error,
                              uint32_t error_size);
void sgperf_wamrc_free_file(uint8_t *file);
void sgperf_wamrc_free_module(void *module);

#ifdef __cplusplus
}
#endif
#endif
