// SPDX-License-Identifier: Apache-2.0
// Host side of Sightglass's first form: the module is given to engine_create, the hooks are plain functions.
#include "sightglass/foreign_forms.h"

#include "adapter/host.h"
#include "adapter/module.h"
#include "adapter/redirect.h"

#include <dlfcn.h>
#include <memory>

namespace sgperf::engines {

namespace {

using engine::Host;
using engine::Redirect;

struct Functions {
  void *(*create)(const uint8_t *, size_t);
  void (*free)(void *);
  int (*compile)(void *);
  int (*instantiate)(void *, void (*start)(void), void (*end)(void));
  int (*execute)(void *);
};

// Process-wide: the form's hooks have no argument either.
Functions functions;
std::string plugin_path, plugin_name;
sgperf_engine table;
const Host *hook_host = nullptr;

void bench_start() {
  hook_host->bench_start();
}
void bench_end() {
  hook_host->bench_end();
}

struct Engine {
  explicit Engine(const sgperf_engine_config &config) : host(config) {}
  Host host;
};

// Module and instance: one foreign object.
struct Module {
  explicit Module(const Host &host) : host(host) {}
  const Host &host;
  void *foreign = nullptr;
};

int create(const sgperf_engine_config *config, void **out) {
  auto engine = std::make_unique<Engine>(*config);
  const sgperf_engine_config &own = engine->host.config();
  if (own.tier || !engine->host.flags().empty())
    return engine->host.error(
        SGPERF_ENGINE_FLAGS,
        "%s has neither tiers nor flags (engine_* has no way to pass them): expected none, found %s",
        plugin_name.c_str(), own.tier ? own.tier : own.flags);
  hook_host = &engine->host;
  *out = engine.release();
  return SGPERF_ENGINE_OK;
}

void free_engine(void *object) {
  delete static_cast<Engine *>(object);
}

int describe(void *, sgperf_engine_info *info) {
  info->engine_version = "unknown";
  info->library_path = plugin_path.c_str();
  info->wasi = "own";
  info->tier = "default";
  info->details = "loaded through engine_create (Sightglass's first form)";
  return SGPERF_ENGINE_OK;
}

void free_module(void *object) {
  auto *module = static_cast<Module *>(object);
  if (module && module->foreign) functions.free(module->foreign);
  delete module;
}

int compile(void *object, const char *path, const uint8_t *wasm, size_t size, void **out) {
  auto *engine = static_cast<Engine *>(object);
  if (int status = engine::check_header(engine->host, path, wasm, size)) return status;
  auto module = std::make_unique<Module>(engine->host);
  module->foreign = functions.create(wasm, size);
  if (!module->foreign)
    return engine->host.error(SGPERF_ENGINE_ERROR, "engine_create of %s returned NULL: see the engine's stderr",
                              plugin_path.c_str());
  engine->host.begin(SGPERF_REGION_COMPILE);
  if (int code = functions.compile(module->foreign)) {
    free_module(module.release());
    return engine->host.error(SGPERF_ENGINE_ERROR,
                              "engine_compile_module of %s returned %d for %s: see the engine's stderr",
                              plugin_path.c_str(), code, path ? path : "(bytes)");
  }
  engine->host.end(SGPERF_REGION_COMPILE);
  *out = module.release();
  return SGPERF_ENGINE_OK;
}

int unsupported(const Host &host, const char *what) {
  return host.error(SGPERF_ENGINE_UNSUPPORTED,
                    "%s: Sightglass's first ABI has no way to %s; give the engine sgperf_engine_v1 for that",
                    plugin_name.c_str(), what);
}

int serialize(void *object, const char *) {
  return unsupported(static_cast<Module *>(object)->host, "serialize");
}
int deserialize(void *object, const char *, void **) {
  return unsupported(static_cast<Engine *>(object)->host, "deserialize");
}
int resolve(void *object, const char *, void **, uint32_t *, uint32_t *) {
  return unsupported(static_cast<Module *>(object)->host, "call an exported function");
}
int invoke(void *, const sgperf_value *, uint32_t, sgperf_value *, uint32_t) {
  return SGPERF_ENGINE_UNSUPPORTED;
}

int describe_module(void *, sgperf_module_info *info) {
  info->code_size = info->artefact_size = 0;
  return SGPERF_ENGINE_OK;
}

// The form knows neither folders nor files: the guest inherits the process's.
int instantiate(void *object, void **out) {
  auto *module = static_cast<Module *>(object);
  int code;
  {
    Redirect redirect(module->host, true);
    if (redirect.status()) return redirect.status();
    module->host.begin(SGPERF_REGION_INSTANTIATE);
    code = functions.instantiate(module->foreign, bench_start, bench_end);
    if (!code) module->host.end(SGPERF_REGION_INSTANTIATE);
  }
  if (code)
    return module->host.error(SGPERF_ENGINE_ERROR,
                              "engine_instantiate_module of %s returned %d: see the engine's stderr",
                              plugin_path.c_str(), code);
  *out = module;
  return SGPERF_ENGINE_OK;
}

int execute(void *object, int *exit_code) {
  auto *module = static_cast<Module *>(object);
  int code;
  {
    Redirect redirect(module->host, false);
    if (redirect.status()) return redirect.status();
    module->host.begin(SGPERF_REGION_CALL);
    code = functions.execute(module->foreign);
    if (!code) module->host.end(SGPERF_REGION_CALL);
  }
  if (code)
    return module->host.error(
        SGPERF_ENGINE_ERROR,
        "engine_execute_module of %s returned %d (a trap, an exit code, or the engine itself): see "
        "the guest's stderr",
        plugin_path.c_str(), code);
  if (exit_code) *exit_code = 0;
  return SGPERF_ENGINE_OK;
}

void nothing(void *) {}

template <typename Function> bool find(void *handle, const char *name, Function &out, std::string &error) {
  out = reinterpret_cast<Function>(dlsym(handle, name));
  if (!out) error = std::string(name) + " is not exported";
  return out != nullptr;
}

} // namespace

const sgperf_engine *wrap_engine_0(void *handle, const std::string &path, std::string &error) {
  if (!find(handle, "engine_create", functions.create, error) || !find(handle, "engine_free", functions.free, error) ||
      !find(handle, "engine_compile_module", functions.compile, error) ||
      !find(handle, "engine_instantiate_module", functions.instantiate, error) ||
      !find(handle, "engine_execute_module", functions.execute, error))
    return nullptr;
  plugin_path = path;
  plugin_name = name_of(path);
  table = {};
  table.struct_size = sizeof table;
  table.version = SGPERF_ENGINE_VERSION;
  table.capabilities = SGPERF_ENGINE_CAP_OWN_WASI;
  table.name = plugin_name.c_str();
  table.tiers = "default";
  table.create = create;
  table.free = free_engine;
  table.describe = describe;
  table.compile = compile;
  table.serialize = serialize;
  table.deserialize = deserialize;
  table.describe_module = describe_module;
  table.free_module = free_module;
  table.instantiate = instantiate;
  table.execute = execute;
  table.resolve = resolve;
  table.invoke = invoke;
  table.free_instance = nothing;
  return &table;
}

} // namespace sgperf::engines
