/* SPDX-License-Identifier: Apache-2.0 */
/* Sightglass's engine ABI as it has been since 2022-05-04, declared from its documentation.  There is no version
 * symbol: whoever loads such an engine trusts it to have this layout. */
#ifndef SGPERF_WASM_BENCH_H
#define SGPERF_WASM_BENCH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void (*wasm_bench_timer)(uint8_t *timer);

/* Passed by value.  Strings are pointer and length, UTF-8, not terminated; NULL or length 0 = not given. */
typedef struct wasm_bench_config {
  const uint8_t *working_dir;
  size_t working_dir_length;
  const uint8_t *stdout_path;
  size_t stdout_path_length;
  const uint8_t *stderr_path;
  size_t stderr_path_length;
  const uint8_t *stdin_path;
  size_t stdin_path_length;
  uint8_t *compilation_timer;
  wasm_bench_timer compilation_start, compilation_end;
  uint8_t *instantiation_timer;
  wasm_bench_timer instantiation_start, instantiation_end;
  uint8_t *execution_timer;
  wasm_bench_timer execution_start, execution_end;
  const uint8_t *execution_flags;
  size_t execution_flags_length;
} wasm_bench_config;

#if defined(__cplusplus)
static_assert(sizeof(wasm_bench_config) == 152, "Sightglass's layout");
static_assert(offsetof(wasm_bench_config, compilation_timer) == 64, "Sightglass's layout");
static_assert(offsetof(wasm_bench_config, execution_flags) == 136, "Sightglass's layout");
#else
_Static_assert(sizeof(wasm_bench_config) == 152, "Sightglass's layout");
#endif

/* 0 = success.  *state is untouched on error. */
int wasm_bench_create(wasm_bench_config config, void **state);
void wasm_bench_free(void *state);
int wasm_bench_compile(void *state, const uint8_t *wasm, size_t size);
int wasm_bench_instantiate(void *state);
int wasm_bench_execute(void *state);

#ifdef __cplusplus
}
#endif
#endif
