/* SPDX-License-Identifier: Apache-2.0 */
/* A host of wasm3 as its users write them, with phases, scopes and the hooks of a benchmark:
 *
 *   wasm3-host [--pad N] [--compile] [--repeat N] MODULE.wasm [ARGUMENT..]
 *
 * runs the module's _start with WASI (preview 1), N times from parsing on; with --compile it stops before the start.
 * The guest's exit code is the program's.  --pad moves everything on the heap by so many bytes: where data lies is
 * worth a percent of the speed, and a benchmark that compares two programs must not depend on it. Compiled with
 * -DSGPERF_DISABLE and linked with an engine as it comes, nothing of sgperf is in it. */
#include "m3_api_wasi.h"
#include "m3_env.h"
#include "wasm3.h"

#include <sgperf/sgperf.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STACK_BYTES = 1 << 20, BAD_MODULE = 2, USAGE = 64 };

static m3ApiRawFunction(bench_start) {
  (void)runtime, (void)_ctx, (void)_sp, (void)_mem;
  SGPERF_BENCH_START(0);
  m3ApiSuccess();
}
static m3ApiRawFunction(bench_end) {
  (void)runtime, (void)_ctx, (void)_sp, (void)_mem;
  SGPERF_BENCH_END(0);
  m3ApiSuccess();
}

static uint8_t *read_file(const char *path, uint32_t *size) {
  SGPERF_SCOPE("wasm3_host::read_file");
  FILE *file = fopen(path, "rb");
  uint8_t *bytes = NULL;
  size_t have = 0, room = 0;
  if (!file) return NULL;
  for (size_t got = 1; got > 0; have += got) {
    if (have == room) {
      room = room ? 2 * room : 1 << 16;
      uint8_t *more = realloc(bytes, room);
      if (!more || room > UINT32_MAX) {
        free(more ? more : bytes);
        fclose(file);
        errno = ENOMEM;
        return NULL;
      }
      bytes = more;
    }
    got = fread(bytes + have, 1, room - have, file);
  }
  if (ferror(file)) { /* a folder, for one */
    free(bytes);
    bytes = NULL;
    errno = EISDIR;
  }
  fclose(file);
  *size = (uint32_t)have;
  return bytes;
}

static int refuse(const char *path, const char *step, const char *why) {
  fprintf(stderr, "wasm3-host: %s: %s: %s\n", path, step, why);
  return BAD_MODULE;
}

/* A module that has no such import is no error. */
static M3Result link_hook(IM3Module module, const char *name, M3RawCall function) {
  const M3Result result = m3_LinkRawFunction(module, "bench", name, "v()", function);
  return result == m3Err_functionLookupFailed ? m3Err_none : result;
}

static M3Result link_imports(IM3Module module) {
  SGPERF_SCOPE("wasm3_host::link_imports");
  M3Result result = m3_LinkWASI(module);
  if (!result) result = link_hook(module, "start", bench_start);
  if (!result) result = link_hook(module, "end", bench_end);
  return result;
}

/* Returns the guest's exit code, or BAD_MODULE with a message. */
static int run_once(const char *path, const uint8_t *bytes, uint32_t size, bool execute, int argc, const char **argv) {
  SGPERF_SCOPE("wasm3_host::run_once");
  int code = BAD_MODULE;
  const char *step = "no memory", *why = "for the engine";
  IM3Module module = NULL;
  IM3Function start = NULL;
  IM3Environment environment = m3_NewEnvironment();
  IM3Runtime runtime = environment ? m3_NewRuntime(environment, STACK_BYTES, NULL) : NULL;
  if (!runtime) goto out;

  step = "parse";
  SGPERF_PHASE_BEGIN("parse");
  why = m3_ParseModule(environment, &module, bytes, size);
  SGPERF_PHASE_END("parse");
  if (why) goto out;

  step = "instantiate";
  SGPERF_PHASE_BEGIN("instantiate");
  why = m3_LoadModule(runtime, module);
  if (why)
    m3_FreeModule(module); /* a runtime frees those that it took */
  else
    why = link_imports(module);
  SGPERF_PHASE_END("instantiate");
  if (why) goto out;

  step = "compile";
  SGPERF_PHASE_BEGIN("compile");
  why = m3_CompileModule(module);
  if (!why) why = m3_FindFunction(&start, runtime, "_start");
  SGPERF_PHASE_END("compile");
  if (why) goto out;

  code = 0;
  if (!execute) goto out;

  step = "execute";
  m3_wasi_context_t *wasi = m3_GetWasiContext();
  wasi->argc = (u32)argc;
  wasi->argv = argv;
  wasi->exit_code = 0;
  SGPERF_PHASE_BEGIN("execute");
  why = m3_CallV(start);
  SGPERF_PHASE_END("execute");
  fflush(stdout);
  if (why && why != m3Err_trapExit) goto out;
  code = wasi->exit_code;
  why = NULL;
out:
  if (why) code = refuse(path, step, why);
  if (runtime) m3_FreeRuntime(runtime);
  if (environment) m3_FreeEnvironment(environment);
  return code;
}

int main(int argc, char **argv) {
  long repeat = 1;
  int at = 1;
  bool execute = true;
  void *pad = NULL;
  if (at + 1 < argc && strcmp(argv[at], "--pad") == 0) {
    pad = malloc((size_t)strtoul(argv[at + 1], NULL, 10));
    at += 2;
  }
  if (at < argc && strcmp(argv[at], "--compile") == 0) {
    execute = false;
    at++;
  }
  if (at + 1 < argc && strcmp(argv[at], "--repeat") == 0) {
    repeat = strtol(argv[at + 1], NULL, 10);
    at += 2;
  }
  if (at >= argc || repeat < 1) {
    fprintf(stderr, "usage: wasm3-host [--pad N] [--compile] [--repeat N] MODULE.wasm [ARGUMENT..]\n");
    return USAGE;
  }
  uint32_t size = 0;
  uint8_t *bytes = read_file(argv[at], &size);
  if (!bytes) return refuse(argv[at], "read", strerror(errno));
  int code = 0;
  for (long i = 0; i < repeat && code == 0; i++)
    code = run_once(argv[at], bytes, size, execute, argc - at, (const char **)argv + at);
  free(bytes);
  free(pad);
  return code;
}
