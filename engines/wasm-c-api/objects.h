// SPDX-License-Identifier: Apache-2.0
// What is behind the handles of the plug-in ABI.
#pragma once

#include "wasm-c-api/kind.h"
#include "wasm-c-api/library.h"

#include "sgperf/engine.h"

namespace sgperf::wasm_c_api {

// What a hook needs, in one cache line: this call is inside the guest's timed region.
struct Hook {
  void (*call)(void *);
  void *host;
};

struct Engine {
  explicit Engine(const sgperf_engine_config &config) : host(config), flavour(kind.make()) {}
  ~Engine() {
    if (store) api.wasm_store_delete(store);
    if (engine) api.wasm_engine_delete(engine);
  }

  engine::Host host;
  std::unique_ptr<Flavour> flavour;
  std::string path, version, details;
  Api api;
  Hook start{}, end{};
  wasm_engine_t *engine = nullptr;
  wasm_store_t *store = nullptr; // that modules are made in
};

struct Module {
  explicit Module(Engine &engine) : engine(engine) {}
  ~Module();
  Engine &engine;
  wasm_module_t *module = nullptr;
  wasm_shared_module_t *shared = nullptr; // where a module belongs to one store
  wasm_importtype_vec_t import_types{};
  Interface interface;
  uint64_t code_size = 0, artefact_size = 0;
};

// Up to 32 values a call: no allocation in invoke_many().
constexpr size_t max_values = 32;
struct Function {
  struct Instance *instance;
  wasm_func_t *func;
  wasm_trap_t *(*call)(const wasm_func_t *, const wasm_val_vec_t *, wasm_val_vec_t *);
  uint32_t n_params = 0, n_results = 0;
  uint32_t plain_args = UINT32_MAX; // 0: takes nothing, gives nothing, is not guarded
  bool guarded = false;             // World::guarded
  wasm_val_vec_t given{}, taken{};  // of params and results
  wasm_val_t params[max_values], results[max_values];
  std::string name;
};

struct Instance {
  explicit Instance(Module &module) : module(module) {}
  ~Instance();
  Module &module;
  wasm_store_t *store = nullptr; // its own, unless it is the engine's
  wasm_module_t *obtained = nullptr;
  std::unique_ptr<World> world;
  std::vector<wasm_func_t *> hooks;
  wasm_instance_t *instance = nullptr;
  wasm_extern_vec_t exports{};
  std::vector<std::unique_ptr<Function>> functions; // resolved: they live as long as the instance
};

// The entries of the table.  engine.cc
int create(const sgperf_engine_config *config, void **out);
void free_engine(void *engine);
int describe(void *engine, sgperf_engine_info *info);
// module.cc
int compile(void *engine, const char *path, const uint8_t *wasm, size_t size, void **out);
int serialize(void *module, const char *path);
int deserialize(void *engine, const char *path, void **out);
int describe_module(void *module, sgperf_module_info *info);
void free_module(void *module);
// instance.cc
int instantiate(void *module, void **out);
int execute(void *instance, int *exit_code);
void free_instance(void *instance);
// function.cc
int resolve(void *instance, const char *name, void **out, uint32_t *n_params, uint32_t *n_results);
int invoke_many(void *function, const sgperf_value *args, uint32_t n_args, sgperf_value *results, uint32_t n_results,
                uint64_t times);

// How a call into the guest ended.  Deletes the trap.
int finish(Instance &instance, const char *what, wasm_trap_t *trap, int *exit_code);
// The place of an exported function; nullptr = there is none.
const Export *find_function(Instance &instance, const char *name, wasm_func_t **out);

} // namespace sgperf::wasm_c_api
