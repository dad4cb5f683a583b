/* SPDX-License-Identifier: Apache-2.0 */
/* The marks of a benchmark in hosts that link libwasmtime: functions of ours in the host's linker, at the last moment.
 *
 * A host that defines them itself has done so by then, and keeps its own; without either its instantiation would fail.
 * A linker may be used by several threads at once as long as none changes it: so it is changed only while no other call
 * of this kind goes on, and such a call waits meanwhile, which is microseconds.  Otherwise it is left alone. */
#include "preload/wasmtime_marks.h"

#include "libsgperf/kernel.h"
#include "preload/engine_calls.h"

#include <string.h>

/* Own declarations, of wasm.h and wasmtime.h (version 50). */
struct names {
  size_t size;
  const char *text;
};
struct pointers {
  size_t size;
  void **data;
};
typedef void *hook_function(void *data, void *caller, void *values, size_t count);

struct engine {
  void (*imports)(const void *module, struct pointers *out);
  void (*delete_imports)(struct pointers *imports);
  const struct names *(*module_of)(const void *import);
  const struct names *(*name_of)(const void *import);
  const void *(*type_of)(const void *import);
  const void *(*function_type)(const void *type);
  const struct pointers *(*params)(const void *function_type);
  const struct pointers *(*results)(const void *function_type);
  bool (*get)(const void *linker, void *store, const char *module, size_t module_size, const char *name,
              size_t name_size, void *out);
  void *(*define)(void *linker, const char *module, size_t module_size, const char *name, size_t name_size,
                  const void *function_type, hook_function *hook, void *data, void (*finalizer)(void *));
  void (*delete_error)(void *error);
};

static bool find_engine(const void *real, struct engine *out) {
  static const struct {
    const char *name;
    size_t offset;
  } functions[] = {
      {"wasmtime_module_imports", offsetof(struct engine, imports)},
      {"wasm_importtype_vec_delete", offsetof(struct engine, delete_imports)},
      {"wasm_importtype_module", offsetof(struct engine, module_of)},
      {"wasm_importtype_name", offsetof(struct engine, name_of)},
      {"wasm_importtype_type", offsetof(struct engine, type_of)},
      {"wasm_externtype_as_functype_const", offsetof(struct engine, function_type)},
      {"wasm_functype_params", offsetof(struct engine, params)},
      {"wasm_functype_results", offsetof(struct engine, results)},
      {"wasmtime_linker_get", offsetof(struct engine, get)},
      {"wasmtime_linker_define_func_unchecked", offsetof(struct engine, define)},
      {"wasmtime_error_delete", offsetof(struct engine, delete_error)},
  };
  void *library = sgp_engine_library(real);
  bool all = library != NULL;
  for (size_t i = 0; all && i < sizeof functions / sizeof *functions; i++) {
    void *found = sgp_engine_symbol(library, functions[i].name);
    memcpy((char *)out + functions[i].offset, &found, sizeof found);
    all = found != NULL;
  }
  if (library) sgp_engine_library_close(library);
  return all;
}

static void *start_hook(void *data, void *caller, void *values, size_t count) {
  (void)data, (void)caller, (void)values, (void)count;
  sgp_bench_start(0);
  return NULL;
}
static void *end_hook(void *data, void *caller, void *values, size_t count) {
  (void)data, (void)caller, (void)values, (void)count;
  sgp_bench_end(0);
  return NULL;
}

static bool is(const struct names *name, const char *text) {
  const size_t size = strlen(text);
  return name && name->size >= size && memcmp(name->text, text, size) == 0 &&
         (name->size == size || (name->size == size + 1 && name->text[size] == 0)); /* some count the NUL */
}

static void define(const struct engine *engine, void *linker, void *store, const void *import, const char *name,
                   hook_function *hook) {
  const void *type = engine->type_of(import);
  const void *function = type ? engine->function_type(type) : NULL;
  if (!function || engine->params(function)->size || engine->results(function)->size) return;
  uint64_t item[16]; /* a wasmtime_extern_t; a function in it needs no deletion */
  if (engine->get(linker, store, "bench", 5, name, strlen(name), item)) return;
  void *error = engine->define(linker, "bench", 5, name, strlen(name), function, hook, NULL, NULL);
  if (error) engine->delete_error(error);
}

static void define_all(const struct engine *engine, void *linker, void *store, const void *module) {
  struct pointers imports = {0, NULL};
  engine->imports(module, &imports);
  for (size_t i = 0; i < imports.size; i++) {
    if (!is(engine->module_of(imports.data[i]), "bench")) continue;
    const struct names *name = engine->name_of(imports.data[i]);
    if (is(name, "start")) define(engine, linker, store, imports.data[i], "start", start_hook);
    if (is(name, "end")) define(engine, linker, store, imports.data[i], "end", end_hook);
  }
  engine->delete_imports(&imports);
}

/* Calls that go on; with CHANGING while one of them changes its linker. */
enum { CHANGING = 1 << 30 };
static int going; /* atomic */

void sgp_wasmtime_marks_begin(const void *real, void *linker, void *store, const void *module) {
  for (;;) {
    int none = 0;
    if (__atomic_compare_exchange_n(&going, &none, CHANGING | 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) break;
    if (none & CHANGING) {
      sgp_sched_yield();
      continue;
    }
    if (__atomic_compare_exchange_n(&going, &none, none + 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
  }
  struct engine engine;
  if (linker && store && module && find_engine(real, &engine)) define_all(&engine, linker, store, module);
  __atomic_fetch_and(&going, ~CHANGING, __ATOMIC_RELEASE);
}

/* In the child of a fork there may be none. */
void sgp_wasmtime_marks_end(void) {
  int now = __atomic_load_n(&going, __ATOMIC_RELAXED);
  while ((now & ~CHANGING) > 0 &&
         !__atomic_compare_exchange_n(&going, &now, now - 1, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
  }
}

void sgp_wasmtime_marks_after_fork(void) {
  going = 0;
}
