// SPDX-License-Identifier: Apache-2.0
// Host side of wasm_bench_*: one foreign state, driven through engine.h.
#include "sightglass/foreign_forms.h"

#include "adapter/host.h"
#include "adapter/module.h"
#include "sightglass/wasm_bench.h"

#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <memory>

namespace sgperf::engines {

namespace {

using engine::Host;

struct Functions {
  int (*create)(wasm_bench_config, void **);
  void (*free)(void *);
  int (*compile)(void *, const uint8_t *, size_t);
  int (*instantiate)(void *);
  int (*execute)(void *);
};

// Process-wide, as foreign.h says: a table of plain functions has nowhere to keep them.
Functions functions;
std::string plugin_path, plugin_name;
sgperf_engine table;

struct Engine {
  explicit Engine(const sgperf_engine_config &config) : host(config) {}
  Host host;
  void *state = nullptr;
};

// The state has one module and one instance: the three objects of engine.h are one.
template <sgperf_region region> void begin(uint8_t *timer) {
  reinterpret_cast<Host *>(timer)->begin(region);
}
template <sgperf_region region> void end(uint8_t *timer) {
  reinterpret_cast<Host *>(timer)->end(region);
}
void bench_start(uint8_t *timer) {
  reinterpret_cast<Host *>(timer)->bench_start();
}
void bench_end(uint8_t *timer) {
  reinterpret_cast<Host *>(timer)->bench_end();
}

void set(const uint8_t *&begin, size_t &length, const char *text) {
  begin = reinterpret_cast<const uint8_t *>(text);
  length = text ? std::strlen(text) : 0;
}

constexpr const char *small_workload = "WASM_BENCH_USE_SMALL_WORKLOAD";

int create(const sgperf_engine_config *config, void **out) {
  auto engine = std::make_unique<Engine>(*config);
  const sgperf_engine_config &own = engine->host.config();
  if (own.tier)
    return engine->host.error(SGPERF_ENGINE_FLAGS,
                              "%s has no tiers to choose from (wasm_bench_* has no way to ask): expected none, "
                              "found :%s; use --engine-flags",
                              plugin_name.c_str(), own.tier);
  // The only variable the form knows is read from the engine's own environment.
  for (const char *const *env = own.env; env && *env; env++)
    if (!std::strncmp(*env, small_workload, std::strlen(small_workload)) && (*env)[std::strlen(small_workload)] == '=')
      setenv(small_workload, *env + std::strlen(small_workload) + 1, 1);

  wasm_bench_config foreign{};
  set(foreign.working_dir, foreign.working_dir_length, own.preopen_dir ? own.preopen_dir : ".");
  set(foreign.stdout_path, foreign.stdout_path_length, own.stdout_path ? own.stdout_path : "/dev/null");
  set(foreign.stderr_path, foreign.stderr_path_length, own.stderr_path ? own.stderr_path : "/dev/null");
  set(foreign.stdin_path, foreign.stdin_path_length, own.stdin_path);
  set(foreign.execution_flags, foreign.execution_flags_length, own.flags);
  auto *timer = reinterpret_cast<uint8_t *>(&engine->host);
  foreign.compilation_timer = foreign.instantiation_timer = foreign.execution_timer = timer;
  foreign.compilation_start = begin<SGPERF_REGION_COMPILE>;
  foreign.compilation_end = end<SGPERF_REGION_COMPILE>;
  foreign.instantiation_start = begin<SGPERF_REGION_INSTANTIATE>;
  foreign.instantiation_end = end<SGPERF_REGION_INSTANTIATE>;
  foreign.execution_start = bench_start;
  foreign.execution_end = bench_end;
  if (int code = functions.create(foreign, &engine->state))
    return engine->host.error(SGPERF_ENGINE_ERROR, "wasm_bench_create of %s returned %d: see the engine's stderr",
                              plugin_path.c_str(), code);
  *out = engine.release();
  return SGPERF_ENGINE_OK;
}

void free_engine(void *object) {
  auto *engine = static_cast<Engine *>(object);
  if (engine) functions.free(engine->state);
  delete engine;
}

int describe(void *, sgperf_engine_info *info) {
  info->engine_version = "unknown";
  info->library_path = plugin_path.c_str();
  info->wasi = "own";
  info->tier = "default";
  info->details = "loaded through wasm_bench_* (152-byte configuration)";
  return SGPERF_ENGINE_OK;
}

int compile(void *object, const char *path, const uint8_t *wasm, size_t size, void **out) {
  auto *engine = static_cast<Engine *>(object);
  // Components are the engine's own affair: newer ones run them.
  bool component = is_component(wasm, size);
  if (!component)
    if (int status = engine::check_header(engine->host, path, wasm, size)) return status;
  if (int code = functions.compile(engine->state, wasm, size))
    return engine->host.error(component ? SGPERF_ENGINE_COMPONENT : SGPERF_ENGINE_ERROR,
                              "wasm_bench_compile of %s returned %d for %s%s: see the engine's stderr",
                              plugin_path.c_str(), code, component ? "the component " : "", path ? path : "(bytes)");
  *out = engine;
  return SGPERF_ENGINE_OK;
}

int unsupported(void *object, const char *what) {
  return static_cast<Engine *>(object)->host.error(
      SGPERF_ENGINE_UNSUPPORTED, "%s: Sightglass's ABI has no way to %s; give the engine sgperf_engine_v1 for that",
      plugin_name.c_str(), what);
}

int serialize(void *object, const char *) {
  return unsupported(object, "serialize");
}
int deserialize(void *object, const char *, void **) {
  return unsupported(object, "deserialize");
}
int resolve(void *object, const char *, void **, uint32_t *, uint32_t *) {
  return unsupported(object, "call an exported function");
}
int invoke(void *, const sgperf_value *, uint32_t, sgperf_value *, uint32_t) {
  return SGPERF_ENGINE_UNSUPPORTED;
}

int describe_module(void *, sgperf_module_info *info) {
  info->code_size = info->artefact_size = 0;
  return SGPERF_ENGINE_OK;
}

int instantiate(void *object, void **out) {
  auto *engine = static_cast<Engine *>(object);
  if (int code = functions.instantiate(engine->state))
    return engine->host.error(SGPERF_ENGINE_ERROR, "wasm_bench_instantiate of %s returned %d: see the engine's stderr",
                              plugin_path.c_str(), code);
  *out = engine;
  return SGPERF_ENGINE_OK;
}

int execute(void *object, int *exit_code) {
  auto *engine = static_cast<Engine *>(object);
  engine->host.begin(SGPERF_REGION_CALL);
  int code = functions.execute(engine->state);
  if (code)
    return engine->host.error(
        SGPERF_ENGINE_ERROR,
        "wasm_bench_execute of %s returned %d (a trap, an exit code, or the engine itself): see its "
        "stderr",
        plugin_path.c_str(), code);
  engine->host.end(SGPERF_REGION_CALL);
  if (exit_code) *exit_code = 0;
  return SGPERF_ENGINE_OK;
}

void nothing(void *) {} // freed with the engine, or by the next compile and instantiate

template <typename Function> bool find(void *handle, const char *name, Function &out, std::string &error) {
  out = reinterpret_cast<Function>(dlsym(handle, name));
  if (!out) error = std::string(name) + " is not exported";
  return out != nullptr;
}

} // namespace

const sgperf_engine *wrap_wasm_bench(void *handle, const std::string &path, std::string &error) {
  if (!find(handle, "wasm_bench_create", functions.create, error) ||
      !find(handle, "wasm_bench_free", functions.free, error) ||
      !find(handle, "wasm_bench_compile", functions.compile, error) ||
      !find(handle, "wasm_bench_instantiate", functions.instantiate, error) ||
      !find(handle, "wasm_bench_execute", functions.execute, error))
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
  table.free_module = nothing;
  table.instantiate = instantiate;
  table.execute = execute;
  table.resolve = resolve;
  table.invoke = invoke;
  table.free_instance = nothing;
  return &table;
}

} // namespace sgperf::engines
