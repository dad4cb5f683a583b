/* SPDX-License-Identifier: Apache-2.0 */
/* An engine plug-in that misbehaves on demand: its flags say what it does in which step.
 *
 *   crash=STEP   raises SIGSEGV       hang=STEP   never returns       exit=STEP   leaves the process with code 7
 *   kill=STEP    is killed            abort=STEP  aborts              import=STEP lacks an import
 *   refuse=TIER  the library of that tier is of another version       lazy=N      as in sgperf_module_info
 *   error=STEP   returns an error     child=STEP  leaves a sleeping child of the worker behind
 *   double-start double-end no-start no-end reversed   what the "guest" does with its hooks
 *   spin=US      work between the hooks               print=TEXT  guest's stdout
 *   call=NS      duration of an invoked function      hooked      that function calls the hooks itself
 *   first=US     more at the first call in an instance           loops       it has invoke_many()
 *   chatty       writes to the worker's stderr        memory=MB   touched while executing
 *
 * STEP is create, compile, serialize, deserialize, instantiate, execute, invoke, free. */
#include "sgperf/engine.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static struct sgperf_engine_config config;
static char flags[1024];
static int fresh; /* nothing was called in this instance */

static const char *flag(const char *name) {
  static char value[256];
  const size_t length = strlen(name);
  for (const char *at = flags; *at;) {
    const size_t word = strcspn(at, " ");
    if (word >= length && strncmp(at, name, length) == 0 && (at[length] == '=' || at[length] == ' ' || !at[length])) {
      const size_t size = at[length] == '=' ? word - length - 1 : 0;
      snprintf(value, sizeof value, "%.*s", (int)size, at + length + (at[length] == '='));
      return value;
    }
    at += word;
    while (*at == ' ') at++;
  }
  return NULL;
}

static int is(const char *name, const char *step) {
  const char *value = flag(name);
  return value && strcmp(value, step) == 0;
}

static unsigned long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (unsigned long long)t.tv_sec * 1000000000u + (unsigned long long)t.tv_nsec;
}
static void spin(unsigned long long ns) {
  for (const unsigned long long begin = now(); now() - begin < ns;) {
  }
}

/* What every step does first.  0 or an engine status. */
static int step(const char *name) {
  if (is("child", name) && fork() == 0) {
    for (;;) pause();
  }
  if (flag("chatty")) fprintf(stderr, "fixture: %s\n", name);
  if (is("crash", name)) {
    fprintf(stderr, "fixture: about to crash in %s\n", name);
    raise(SIGSEGV);
  }
  if (is("kill", name)) raise(SIGKILL);
  if (is("abort", name)) abort();
  if (is("exit", name)) _exit(7);
  while (is("hang", name)) pause();
  if (is("error", name)) {
    config.log(config.host, SGPERF_LOG_ERROR, "fixture: told to fail here");
    return SGPERF_ENGINE_ERROR;
  }
  if (is("import", name)) {
    config.log(config.host, SGPERF_LOG_ERROR, "import env.missing_call: nothing provides it");
    return SGPERF_ENGINE_IMPORT;
  }
  return 0;
}

static struct sgperf_engine table;
static int fx_invoke_many(void *function, const sgperf_value *args, uint32_t n, sgperf_value *results, uint32_t m,
                          uint64_t times);

static int fx_create(const struct sgperf_engine_config *given, void **out) {
  config = *given;
  snprintf(flags, sizeof flags, "%s", given->flags ? given->flags : "");
  *out = &config;
  if (flag("loops")) {
    table.struct_size = sizeof table;
    table.invoke_many = fx_invoke_many;
  }
  if (is("refuse", given->tier ? given->tier : "one")) {
    config.log(config.host, SGPERF_LOG_ERROR, "fixture: expected 1.2.3, found 9; install 1.2.3");
    return SGPERF_ENGINE_VERSION_REFUSED;
  }
  return step("create");
}
static void fx_free(void *engine) {
  (void)engine;
  step("free");
}
static int fx_describe(void *engine, struct sgperf_engine_info *info) {
  (void)engine;
  info->engine_version = "1.2.3";
  info->wasi = "none";
  info->tier = config.tier ? config.tier : "one";
  info->details = config.eager ? "fixture, eager" : "fixture";
  return 0;
}

static int region(uint32_t which, const char *name) {
  config.region_begin(config.host, which);
  const int status = step(name);
  if (!status) config.region_end(config.host, which);
  return status;
}

static int fx_compile(void *engine, const char *path, const uint8_t *wasm, size_t size, void **out) {
  (void)engine, (void)path, (void)wasm, (void)size;
  *out = &config;
  return region(SGPERF_REGION_COMPILE, "compile");
}
static int fx_serialize(void *module, const char *path) {
  (void)module;
  config.region_begin(config.host, SGPERF_REGION_SERIALIZE);
  const int status = step("serialize");
  FILE *file = fopen(path, "w");
  if (!file) return SGPERF_ENGINE_ERROR;
  fputs("artefact", file);
  fclose(file);
  if (!status) config.region_end(config.host, SGPERF_REGION_SERIALIZE);
  return status;
}
static int fx_deserialize(void *engine, const char *path, void **out) {
  (void)engine;
  *out = &config;
  if (access(path, R_OK) != 0) return SGPERF_ENGINE_ERROR;
  return region(SGPERF_REGION_DESERIALIZE, "deserialize");
}
static int fx_describe_module(void *module, struct sgperf_module_info *info) {
  (void)module;
  info->code_size = 123;
  if (flag("lazy") && !config.eager) info->lazy = (uint32_t)strtoul(flag("lazy"), NULL, 10);
  return 0;
}
static void fx_nothing(void *object) {
  (void)object;
}

static int fx_instantiate(void *module, void **out) {
  (void)module;
  fresh = 1;
  *out = &config;
  return region(SGPERF_REGION_INSTANTIATE, "instantiate");
}
static int fx_execute(void *instance, int *code) {
  (void)instance;
  *code = 0;
  FILE *out = fopen(config.stdout_path, "w");
  if (out) {
    if (flag("print")) fprintf(out, "%s\n", flag("print"));
    fclose(out);
  }
  config.region_begin(config.host, SGPERF_REGION_CALL);
  if (flag("reversed")) config.bench_end(config.host);
  if (!flag("no-start") && !flag("no-hooks")) config.bench_start(config.host);
  if (flag("double-start")) config.bench_start(config.host);
  const int status = step("execute");
  if (status) return status;
  if (flag("spin")) spin(strtoull(flag("spin"), NULL, 10) * 1000);
  if (flag("memory")) {
    const size_t size = strtoull(flag("memory"), NULL, 10) << 20;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) {
      memset(memory, 1, size);
      munmap(memory, size);
    }
  }
  if (!flag("no-end") && !flag("no-hooks") && !flag("reversed")) config.bench_end(config.host);
  if (flag("double-end")) config.bench_end(config.host);
  config.region_end(config.host, SGPERF_REGION_CALL);
  return 0;
}
static int fx_resolve(void *instance, const char *name, void **out, uint32_t *params, uint32_t *results) {
  (void)instance, (void)name;
  *out = &config;
  *params = 1;
  *results = 1;
  return 0;
}
static int fx_invoke(void *function, const sgperf_value *args, uint32_t n, sgperf_value *results, uint32_t m) {
  (void)function, (void)m;
  const int status = step("invoke");
  if (status) return status;
  if (flag("hooked")) config.bench_start(config.host);
  if (flag("first") && fresh) spin(strtoull(flag("first"), NULL, 10) * 1000);
  fresh = 0;
  if (flag("call")) spin(strtoull(flag("call"), NULL, 10));
  if (n > 0) results[0] = args[0];
  if (flag("hooked")) config.bench_end(config.host);
  return 0;
}

static int fx_invoke_many(void *function, const sgperf_value *args, uint32_t n, sgperf_value *results, uint32_t m,
                          uint64_t times) {
  int status = 0;
  for (uint64_t i = 0; i < times && !status; i++) status = fx_invoke(function, args, n, results, m);
  return status;
}

/* As the first release of the header had it, until create() is told otherwise. */
static struct sgperf_engine table = {offsetof(struct sgperf_engine, invoke_many),
                                     SGPERF_ENGINE_VERSION,
                                     SGPERF_ENGINE_CAP_INVOKE | SGPERF_ENGINE_CAP_SERIALIZE,
                                     "fixture",
                                     "one,two",
                                     fx_create,
                                     fx_free,
                                     fx_describe,
                                     fx_compile,
                                     fx_serialize,
                                     fx_deserialize,
                                     fx_describe_module,
                                     fx_nothing,
                                     fx_instantiate,
                                     fx_execute,
                                     fx_resolve,
                                     fx_invoke,
                                     fx_nothing,
                                     NULL};

const struct sgperf_engine *sgperf_engine_v1(uint32_t host_version);
const struct sgperf_engine *sgperf_engine_v1(uint32_t host_version) {
  return host_version >= 1 ? &table : NULL;
}
