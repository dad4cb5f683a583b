/* SPDX-License-Identifier: Apache-2.0 */
/* linked_host wasmtime|wasm|marks|own CALLS: a host that is linked with libwasmtime and uses wasmtime.h, or wasm.h
 * alone: validate, compile, serialize, deserialize, instantiate, calls of `run`.  marks: compile, instantiate, calls;
 * own: the same with bench.start and bench.end of its own, which are counted.  Own declarations, of version 50.  The
 * module is $LINKED_HOST_MODULE, or one of its own. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  size_t size;
  uint8_t *data;
} byte_vec;
typedef struct {
  size_t size;
  void **data;
} pointer_vec;
typedef struct {
  uint8_t kind;
  union {
    int32_t i32;
    int64_t i64;
  } of;
} wasm_val;
typedef struct {
  size_t size;
  wasm_val *data;
} val_vec;
typedef struct {
  uint64_t store_id;
  size_t private_;
} instance_handle;
typedef struct {
  uint8_t kind; /* 0 = function */
  union {
    uint64_t words[3];
  } of;
} extern_item;
typedef union {
  int32_t i32;
  uint64_t words[2];
} raw_value;

extern void *wasm_engine_new(void);
extern void wasm_engine_delete(void *engine);
extern void *wasm_functype_new(pointer_vec *params, pointer_vec *results);
extern void wasm_functype_delete(void *type);
extern void *wasmtime_linker_define_func_unchecked(void *linker, const char *module, size_t module_size,
                                                   const char *name, size_t name_size, const void *type,
                                                   void *(*hook)(void *, void *, raw_value *, size_t), void *data,
                                                   void (*finalizer)(void *));
extern void *wasm_store_new(void *engine);
extern void wasm_store_delete(void *store);
extern void wasm_byte_vec_delete(byte_vec *bytes);
extern bool wasm_module_validate(void *store, const byte_vec *binary);
extern void *wasm_module_new(void *store, const byte_vec *binary);
extern void wasm_module_delete(void *module);
extern void wasm_module_serialize(const void *module, byte_vec *out);
extern void *wasm_module_deserialize(void *store, const byte_vec *artefact);
extern void *wasm_instance_new(void *store, const void *module, const pointer_vec *imports, void **trap);
extern void wasm_instance_delete(void *instance);
extern void wasm_instance_exports(const void *instance, pointer_vec *out);
extern void *wasm_extern_as_func(void *item);
extern void wasm_extern_vec_delete(pointer_vec *items);
extern void *wasm_func_call(const void *function, const val_vec *arguments, val_vec *results);

extern void *wasmtime_module_validate(void *engine, const uint8_t *bytes, size_t size);
extern void *wasmtime_module_new(void *engine, const uint8_t *bytes, size_t size, void **out);
extern void wasmtime_module_delete(void *module);
extern void *wasmtime_module_serialize(const void *module, byte_vec *out);
extern void *wasmtime_module_deserialize(void *engine, const uint8_t *bytes, size_t size, void **out);
extern void *wasmtime_store_new(void *engine, void *data, void (*finalizer)(void *));
extern void wasmtime_store_delete(void *store);
extern void *wasmtime_store_context(void *store);
extern void *wasmtime_linker_new(void *engine);
extern void wasmtime_linker_delete(void *linker);
extern void *wasmtime_linker_instantiate(const void *linker, void *context, const void *module, instance_handle *out,
                                         void **trap);
extern bool wasmtime_instance_export_get(void *context, const instance_handle *instance, const char *name, size_t size,
                                         extern_item *out);
extern void *wasmtime_func_call_unchecked(void *context, const void *function, raw_value *values, size_t count,
                                          void **trap);

/* (module (func $add_three (export "run") (param i32) (result i32) (i32.add (local.get 0) (i32.const 3)))) */
static const uint8_t own[] = {0,  'a', 's', 'm', 1,   0,   0,   0,    1,   6,   1,   0x60, 1,   0x7f, 1,   0x7f,
                              3,  2,   1,   0,   7,   7,   1,   3,    'r', 'u', 'n', 0,    0,   10,   9,   1,
                              7,  0,   32,  0,   65,  3,   106, 0x0b, 0,   19,  4,   'n',  'a', 'm',  'e', 1,
                              12, 1,   0,   9,   'a', 'd', 'd', '_',  't', 'h', 'r', 'e',  'e'};

static const uint8_t *wasm = own;
static size_t wasm_size = sizeof own;

static void read_module(const char *path) {
  static uint8_t bytes[1 << 20];
  FILE *file = fopen(path, "rb");
  wasm_size = file ? fread(bytes, 1, sizeof bytes, file) : 0;
  wasm = bytes;
  if (file) fclose(file);
}

#define EXPECT(condition)                                                                                              \
  if (!(condition)) {                                                                                                  \
    fprintf(stderr, "line %d: %s\n", __LINE__, #condition);                                                            \
    exit(4);                                                                                                           \
  }

static int64_t with_wasm_h(void *engine, uint64_t calls) {
  void *store = wasm_store_new(engine), *trap = NULL;
  byte_vec binary = {wasm_size, (uint8_t *)(uintptr_t)wasm}, artefact;
  EXPECT(wasm_module_validate(store, &binary));
  void *compiled = wasm_module_new(store, &binary);
  EXPECT(compiled);
  wasm_module_serialize(compiled, &artefact);
  EXPECT(artefact.size > 0);
  void *module = wasm_module_deserialize(store, &artefact);
  EXPECT(module);
  const pointer_vec imports = {0, NULL};
  void *instance = wasm_instance_new(store, module, &imports, &trap);
  EXPECT(instance && !trap);
  pointer_vec exports;
  wasm_instance_exports(instance, &exports);
  EXPECT(exports.size > 0);
  void *function = wasm_extern_as_func(exports.data[exports.size - 1]);
  int64_t sum = 0;
  for (uint64_t i = 0; i < calls; i++) {
    wasm_val argument = {.kind = 0, .of.i32 = (int32_t)i}, result = {.kind = 0};
    const val_vec arguments = {1, &argument};
    val_vec results = {1, &result};
    EXPECT(!wasm_func_call(function, &arguments, &results));
    sum += result.of.i32;
  }
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_module_delete(compiled);
  wasm_byte_vec_delete(&artefact);
  wasm_store_delete(store);
  return sum;
}

static int64_t with_wasmtime_h(void *engine, uint64_t calls) {
  void *store = wasmtime_store_new(engine, NULL, NULL), *context = wasmtime_store_context(store), *trap = NULL;
  void *compiled = NULL, *module = NULL;
  byte_vec artefact;
  EXPECT(!wasmtime_module_validate(engine, wasm, wasm_size));
  EXPECT(!wasmtime_module_new(engine, wasm, wasm_size, &compiled));
  EXPECT(!wasmtime_module_serialize(compiled, &artefact));
  EXPECT(!wasmtime_module_deserialize(engine, artefact.data, artefact.size, &module));
  void *linker = wasmtime_linker_new(engine);
  instance_handle instance;
  EXPECT(!wasmtime_linker_instantiate(linker, context, module, &instance, &trap) && !trap);
  extern_item item;
  EXPECT(wasmtime_instance_export_get(context, &instance, "run", 3, &item) && item.kind == 0);
  int64_t sum = 0;
  for (uint64_t i = 0; i < calls; i++) {
    raw_value value = {.i32 = (int32_t)i};
    EXPECT(!wasmtime_func_call_unchecked(context, &item.of, &value, 1, &trap) && !trap);
    sum += value.i32;
  }
  wasmtime_linker_delete(linker);
  wasmtime_module_delete(module);
  wasmtime_module_delete(compiled);
  wasm_byte_vec_delete(&artefact);
  wasmtime_store_delete(store);
  return sum;
}

static int own_marks;
static void *own_mark(void *data, void *caller, raw_value *values, size_t count) {
  (void)data, (void)caller, (void)values, (void)count;
  own_marks++;
  return NULL;
}

static void define_own(void *linker, const char *name) {
  pointer_vec params = {0, NULL}, results = {0, NULL};
  void *type = wasm_functype_new(&params, &results);
  EXPECT(!wasmtime_linker_define_func_unchecked(linker, "bench", 5, name, strlen(name), type, own_mark, NULL, NULL));
  wasm_functype_delete(type);
}

static int64_t with_marks(void *engine, uint64_t calls, bool own) {
  void *store = wasmtime_store_new(engine, NULL, NULL), *context = wasmtime_store_context(store), *trap = NULL;
  void *module = NULL, *linker = wasmtime_linker_new(engine);
  EXPECT(!wasmtime_module_new(engine, wasm, wasm_size, &module));
  if (own) define_own(linker, "start"), define_own(linker, "end");
  instance_handle instance;
  if (wasmtime_linker_instantiate(linker, context, module, &instance, &trap) || trap) {
    puts("not instantiated");
    exit(5);
  }
  extern_item item;
  EXPECT(wasmtime_instance_export_get(context, &instance, "run", 3, &item) && item.kind == 0);
  for (uint64_t i = 0; i < calls; i++) {
    raw_value value = {.i32 = (int32_t)i};
    EXPECT(!wasmtime_func_call_unchecked(context, &item.of, &value, 1, &trap) && !trap);
  }
  wasmtime_linker_delete(linker);
  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  return own_marks;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  const uint64_t calls = strtoull(argv[2], NULL, 10);
  if (getenv("LINKED_HOST_MODULE")) read_module(getenv("LINKED_HOST_MODULE"));
  void *engine = wasm_engine_new();
  const bool own = strcmp(argv[1], "own") == 0;
  const int64_t sum = own || strcmp(argv[1], "marks") == 0 ? with_marks(engine, calls, own)
                      : strcmp(argv[1], "wasmtime") == 0   ? with_wasmtime_h(engine, calls)
                                                           : with_wasm_h(engine, calls);
  wasm_engine_delete(engine);
  printf("sum %lld\n", (long long)sum);
  return (int)(sum % 100);
}
