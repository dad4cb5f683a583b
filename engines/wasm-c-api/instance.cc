// SPDX-License-Identifier: Apache-2.0
#include "wasm-c-api/objects.h"

#include "sgperf/sgperf.h"

namespace sgperf::wasm_c_api {

namespace {

wasm_trap_t *run_hook(void *env, const wasm_val_vec_t *, wasm_val_vec_t *) {
  const Hook &hook = *static_cast<const Hook *>(env);
  hook.call(hook.host);
  return nullptr;
}

const char *kind_name(uint8_t kind) {
  constexpr const char *names[] = {"function", "global", "table", "memory"};
  return kind < 4 ? names[kind] : "thing";
}

// One extern for each import, in order.
int bind_imports(Instance &instance, wasm_store_t *store, std::vector<wasm_extern_t *> &out) {
  Engine &engine = instance.module.engine;
  const Api &api = engine.api;
  if (int status = instance.world->begin(store, instance.module.module)) return status;
  for (const Import &import : instance.module.interface.imports) {
    std::string why;
    wasm_extern_t *item = nullptr;
    if (import.kind != extern_func) {
      why = std::string("a ") + kind_name(import.kind);
    } else if (import.module == "bench" && (import.field == "start" || import.field == "end")) {
      if (import.signature == ">") {
        wasm_func_t *hook = api.wasm_func_new_with_env(store, import.type, run_hook,
                                                       import.field == "start" ? &engine.start : &engine.end, nullptr);
        if (hook) instance.hooks.push_back(hook), item = api.wasm_func_as_extern(hook);
      } else {
        why = "it has the type " + import.signature + ", expected >";
      }
    } else {
      item = instance.world->provide(store, import, why);
    }
    if (!item)
      return engine.host.error(SGPERF_ENGINE_IMPORT,
                               "unknown import %s.%s (%s): provided are the functions of wasi_snapshot_preview1 (%s) "
                               "and bench.start, bench.end",
                               import.module.c_str(), import.field.c_str(), why.empty() ? "function" : why.c_str(),
                               engine.flavour->wasi());
    out.push_back(item);
  }
  return SGPERF_ENGINE_OK;
}

// The memory that WASI calls mean: "memory", else the first that is exported.
wasm_memory_t *exported_memory(const Instance &instance) {
  const std::vector<Export> &exports = instance.module.interface.exports;
  size_t found = exports.size();
  for (size_t i = exports.size(); i-- > 0;)
    if (exports[i].kind == extern_memory &&
        (exports[i].name == "memory" || found == exports.size() || exports[found].name != "memory"))
      found = i;
  return found < exports.size() ? instance.module.engine.api.wasm_extern_as_memory(instance.exports.data[found])
                                : nullptr;
}

} // namespace

Instance::~Instance() {
  const Api &api = module.engine.api;
  if (exports.data) api.wasm_extern_vec_delete(&exports);
  if (instance) api.wasm_instance_delete(instance);
  for (wasm_func_t *hook : hooks) api.wasm_func_delete(hook);
  world.reset();
  if (obtained) api.wasm_module_delete(obtained);
  if (store) api.wasm_store_delete(store);
}

int finish(Instance &instance, const char *what, wasm_trap_t *trap, int *exit_code) {
  const Engine &engine = instance.module.engine;
  const std::string message = take_message(engine.api, trap);
  if (std::optional<int> code = instance.world->exited(message)) {
    if (exit_code) *exit_code = *code;
    return *code ? engine.host.error(SGPERF_ENGINE_EXIT, "%s: the guest left with code %d", what, *code)
                 : SGPERF_ENGINE_OK;
  }
  return engine.host.error(SGPERF_ENGINE_TRAP, "%s: the guest trapped: %s", what,
                           engine.flavour->trap_text(message).c_str());
}

int instantiate(void *object, void **out) {
  SGPERF_SCOPE(SGPERF_ENGINE_NAME "::instantiate");
  auto *module = static_cast<Module *>(object);
  Engine &engine = module->engine;
  const engine::Host &host = engine.host;
  const Api &api = engine.api;
  auto instance = std::make_unique<Instance>(*module);
  instance->world = engine.flavour->make_world(host, api, module->interface);
  if (int status = instance->world->open()) return status;

  std::vector<wasm_extern_t *> imports;
  imports.reserve(module->interface.imports.size());
  wasm_trap_t *trap = nullptr;
  World &world = *instance->world;
  if (int status = world.guarded() ? world.enter() : SGPERF_ENGINE_OK) return status; // a start function may write
  host.begin(SGPERF_REGION_INSTANTIATE);
  wasm_store_t *store = engine.store;
  const wasm_module_t *code = module->module;
  if (module->shared || engine.flavour->any_store()) store = instance->store = api.wasm_store_new(engine.engine);
  if (module->shared) code = instance->obtained = api.wasm_module_obtain(store, module->shared);
  if (int status = bind_imports(*instance, store, imports)) return status;
  const wasm_extern_vec_t bound{imports.size(), imports.data()};
  instance->instance = api.wasm_instance_new(store, code, &bound, &trap);
  if (!instance->instance) {
    if (trap) {
      int status = finish(*instance, "start function", trap, nullptr);
      return status ? status
                    : host.error(SGPERF_ENGINE_EXIT, "the start function left with code 0: nothing is there to be run");
    }
    return host.error(SGPERF_ENGINE_ERROR, "%s cannot instantiate: %s", kind.name,
                      engine.flavour->last_error().c_str());
  }
  if (int status = world.attach(store, instance->instance)) return status;
  host.end(SGPERF_REGION_INSTANTIATE);
  if (world.guarded()) world.leave();

  api.wasm_instance_exports(instance->instance, &instance->exports);
  if (instance->exports.size != module->interface.exports.size())
    return host.error(SGPERF_ENGINE_ERROR, "the instance exports %zu things, expected the module's %zu",
                      instance->exports.size, module->interface.exports.size());
  world.remember(exported_memory(*instance));
  *out = instance.release();
  return SGPERF_ENGINE_OK;
}

void free_instance(void *object) {
  delete static_cast<Instance *>(object);
}

const Export *find_function(Instance &instance, const char *name, wasm_func_t **out) {
  const std::vector<Export> &exports = instance.module.interface.exports;
  for (size_t i = 0; i < exports.size(); i++) {
    if (exports[i].kind != extern_func || exports[i].name != name) continue;
    *out = instance.module.engine.api.wasm_extern_as_func(instance.exports.data[i]);
    return *out ? &exports[i] : nullptr;
  }
  return nullptr;
}

int execute(void *object, int *exit_code) {
  SGPERF_SCOPE(SGPERF_ENGINE_NAME "::execute");
  auto *instance = static_cast<Instance *>(object);
  const Engine &engine = instance->module.engine;
  const engine::Host &host = engine.host;
  wasm_func_t *start = nullptr;
  if (!find_function(*instance, "_start", &start))
    return host.error(SGPERF_ENGINE_NOT_FOUND,
                      "the module exports no function _start; build a WASI command, or name an exported function to "
                      "call");
  const wasm_val_vec_t none{};
  wasm_val_vec_t nothing{};
  World &world = *instance->world;
  if (int status = world.guarded() ? world.enter() : SGPERF_ENGINE_OK) return status;
  host.begin(SGPERF_REGION_CALL);
  wasm_trap_t *trap;
  {
    SGPERF_SCOPE("guest::_start");
    trap = engine.api.wasm_func_call(start, &none, &nothing);
  }
  const bool well = !trap || world.exited_well(); // proc_exit(0) is a success
  if (well) host.end(SGPERF_REGION_CALL);
  if (world.guarded()) world.leave();
  if (!trap) {
    if (exit_code) *exit_code = 0;
    return SGPERF_ENGINE_OK;
  }
  const int status = finish(*instance, "_start", trap, exit_code);
  if (!status && !well) host.end(SGPERF_REGION_CALL);
  return status;
}

} // namespace sgperf::wasm_c_api
