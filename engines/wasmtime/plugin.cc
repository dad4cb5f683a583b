// SPDX-License-Identifier: Apache-2.0
// The Wasmtime adapter: sgperf_engine_v1.
//
// The order inside create, compile and instantiate is that of Sightglass's reference: linker and hooks are made with
// the engine, the WASI context before the store, and the instantiation region holds store and instance.
#include "adapter/elf_file.h"
#include "adapter/host.h"
#include "adapter/module.h"
#include "adapter/once.h"
#include "adapter/whole_file.h"
#include "sgperf/sgperf.h"
#include "wasmtime/flags.h"
#include "wasmtime/guest_world.h"
#include "wasmtime/library.h"
#include "wasmtime/tiers.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace sgperf::wasmtime {

namespace {

using engine::Host;

// What a hook needs, in one cache line: this call is inside the guest's timed region.
struct Hook {
  void (*call)(void *);
  void *host;
};
size_t run_hook(void *env, wasmtime_caller_t *, wasmtime_val_raw_t *, size_t) {
  auto *hook = static_cast<const Hook *>(env);
  hook->call(hook->host);
  return 0;
}

struct Engine {
  explicit Engine(const sgperf_engine_config &config) : host(config) {}
  ~Engine() {
    if (linker) library.api.wasmtime_linker_delete(linker);
    if (engine) library.api.wasm_engine_delete(engine);
  }
  const Api &api() const { return library.api; }

  Host host;
  Library library;
  Settings settings;
  std::string details;
  Hook start{}, end{};
  wasm_engine_t *engine = nullptr;
  wasmtime_linker_t *linker = nullptr;
};

struct Module {
  Engine *engine;
  wasmtime_module_t *module = nullptr;
  uint64_t artefact_size = 0;
};

// Up to 32 values a call: no allocation in invoke_many().
constexpr size_t max_values = 32;
struct Function {
  Engine *engine;
  wasmtime_context_t *context;
  wasmtime_func_t func;
  decltype(Api::wasmtime_func_call_unchecked) call; // of the engine's table, without a way to it
  uint32_t n_params = 0, n_results = 0;
  std::string name;
  uint8_t params[max_values], results[max_values];
};

struct Instance {
  Module *module;
  wasmtime_store_t *store = nullptr;
  wasmtime_context_t *context = nullptr;
  wasmtime_instance_t instance{};
  std::vector<std::unique_ptr<Function>> functions; // resolved: they live as long as the instance
};

std::string take_message(const Api &api, wasm_byte_vec_t &bytes) {
  std::string text(reinterpret_cast<const char *>(bytes.data), bytes.size);
  api.wasm_byte_vec_delete(&bytes);
  while (!text.empty() && (text.back() == '\0' || text.back() == '\n')) text.pop_back();
  return text;
}

std::string take(const Api &api, wasmtime_error_t *error) {
  wasm_byte_vec_t message{};
  api.wasmtime_error_message(error, &message);
  api.wasmtime_error_delete(error);
  return take_message(api, message);
}

std::string take(const Api &api, wasm_trap_t *trap) {
  wasm_byte_vec_t message{};
  api.wasm_trap_message(trap, &message);
  api.wasm_trap_delete(trap);
  return take_message(api, message);
}

// ---- engine

int define_hook(Engine &engine, const char *name, Hook &hook) {
  wasm_valtype_vec_t none{}, nothing{};
  engine.api().wasm_valtype_vec_new_empty(&none);
  engine.api().wasm_valtype_vec_new_empty(&nothing);
  wasm_functype_t *type = engine.api().wasm_functype_new(&none, &nothing);
  std::string module = "bench", field = name;
  wasmtime_error_t *error = engine.api().wasmtime_linker_define_func_unchecked(
      engine.linker, module.data(), module.size(), field.data(), field.size(), type, run_hook, &hook, nullptr);
  engine.api().wasm_functype_delete(type);
  if (error)
    return engine.host.error(SGPERF_ENGINE_ERROR, "cannot define bench.%s: %s", name,
                             take(engine.api(), error).c_str());
  return SGPERF_ENGINE_OK;
}

int create(const sgperf_engine_config *config, void **out) {
  SGPERF_SCOPE("wasmtime::create");
  auto engine = std::make_unique<Engine>(*config);
  const Host &host = engine->host;
  engine->settings.tier = host.tier("cranelift");
  if (!is_tier(engine->settings.tier))
    return host.error(SGPERF_ENGINE_FLAGS, "wasmtime has no tier '%s': expected one of %s",
                      engine->settings.tier.c_str(), tier_names);
  if (int status = load_library(host, engine->library)) return status;
  const Api &api = engine->api();

  wasm_config_t *settings = api.wasm_config_new();
  int status = before_flags(host, api, settings, engine->settings.tier);
  if (!status) status = apply_flags(host, api, settings, engine->settings);
  if (!status) status = after_flags(host, api, settings, engine->settings.tier);
  if (status) {
    api.wasm_config_delete(settings);
    return status;
  }
  engine->engine = api.wasm_engine_new_with_config(settings);
  if (!engine->engine)
    return host.error(SGPERF_ENGINE_ERROR, "Wasmtime refused its configuration (tier %s, flags '%s')",
                      engine->settings.tier.c_str(), host.config().flags ? host.config().flags : "");
  engine->linker = api.wasmtime_linker_new(engine->engine);
  engine->start = {host.config().bench_start, host.config().host};
  engine->end = {host.config().bench_end, host.config().host};
  if (int status = define_hook(*engine, "start", engine->start)) return status;
  if (int status = define_hook(*engine, "end", engine->end)) return status;
  if (wasmtime_error_t *error = api.wasmtime_linker_define_wasi(engine->linker))
    return host.error(SGPERF_ENGINE_ERROR, "cannot define WASI: %s", take(api, error).c_str());
  engine->details =
      "C API, " + engine->settings.tier + (host.config().flags ? std::string(", flags ") + host.config().flags : "");
  *out = engine.release();
  return SGPERF_ENGINE_OK;
}

void free_engine(void *object) {
  delete static_cast<Engine *>(object);
}

int describe(void *object, sgperf_engine_info *info) {
  auto *engine = static_cast<Engine *>(object);
  info->engine_version = engine->library.version.c_str();
  // The fetched copy is known to the patch level; a library says its major version only.
  if (engine->library.path.find("/wasmtime-50.0.1/") != std::string::npos) info->engine_version = "50.0.1";
  info->library_path = engine->library.path.c_str();
  info->wasi = "own";
  info->tier = engine->settings.tier.c_str();
  info->details = engine->details.c_str();
  if (info->struct_size > offsetof(sgperf_engine_info, code_names)) info->code_names = code_names(engine->settings);
  return SGPERF_ENGINE_OK;
}

// ---- module

void free_module(void *object) {
  auto *module = static_cast<Module *>(object);
  if (module && module->module) module->engine->api().wasmtime_module_delete(module->module);
  delete module;
}

int compile(void *object, const char *path, const uint8_t *wasm, size_t size, void **out) {
  SGPERF_SCOPE("wasmtime::compile");
  auto *engine = static_cast<Engine *>(object);
  if (int status = engine::check_header(engine->host, path, wasm, size)) return status;
  const Api &api = engine->api();
  auto module = std::make_unique<Module>(Module{engine});
  auto *bytes = const_cast<uint8_t *>(wasm);
  engine->host.begin(SGPERF_REGION_COMPILE);
  wasmtime_error_t *error = api.wasmtime_module_new(engine->engine, bytes, size, &module->module);
  if (!error) {
    engine->host.end(SGPERF_REGION_COMPILE);
    *out = module.release();
    return SGPERF_ENGINE_OK;
  }
  std::string why = take(api, error);
  // A module that validates was refused by the compiler: winch lacks proposals, for instance.
  wasmtime_error_t *invalid = api.wasmtime_module_validate(engine->engine, bytes, size);
  if (invalid) api.wasmtime_error_delete(invalid);
  return engine->host.error(invalid ? SGPERF_ENGINE_INVALID : SGPERF_ENGINE_UNSUPPORTED, "%s %s: %s",
                            path ? path : "(bytes)",
                            invalid ? "is not a valid module" : "cannot be compiled by this tier", why.c_str());
}

int serialize(void *object, const char *path) {
  SGPERF_SCOPE("wasmtime::serialize");
  auto *module = static_cast<Module *>(object);
  const Host &host = module->engine->host;
  const Api &api = module->engine->api();
  unlink(path); // an artefact in use is mapped: never written over
  wasm_byte_vec_t bytes{};
  host.begin(SGPERF_REGION_SERIALIZE);
  wasmtime_error_t *error = api.wasmtime_module_serialize(module->module, &bytes);
  bool written = !error && engine::write_file(path, {{bytes.data, bytes.size}});
  if (written) host.end(SGPERF_REGION_SERIALIZE);
  int reason = errno;
  if (error)
    return host.error(SGPERF_ENGINE_ERROR, "Wasmtime cannot serialise the module: %s", take(api, error).c_str());
  module->artefact_size = bytes.size;
  api.wasm_byte_vec_delete(&bytes);
  if (!written) return host.error(SGPERF_ENGINE_ERROR, "cannot write the artefact %s: %s", path, strerror(reason));
  return SGPERF_ENGINE_OK;
}

int deserialize(void *object, const char *path, void **out) {
  SGPERF_SCOPE("wasmtime::deserialize");
  auto *engine = static_cast<Engine *>(object);
  auto module = std::make_unique<Module>(Module{engine});
  engine->host.begin(SGPERF_REGION_DESERIALIZE);
  wasmtime_error_t *error =
      engine->api().wasmtime_module_deserialize_file(engine->engine, const_cast<char *>(path), &module->module);
  if (error) {
    std::string why = take(engine->api(), error);
    return engine->host.error(access(path, R_OK) ? SGPERF_ENGINE_NOT_FOUND : SGPERF_ENGINE_INVALID,
                              "%s cannot be loaded as a module serialised by this Wasmtime with these flags: %s", path,
                              why.c_str());
  }
  engine->host.end(SGPERF_REGION_DESERIALIZE);
  struct stat st;
  if (!stat(path, &st)) module->artefact_size = uint64_t(st.st_size);
  *out = module.release();
  return SGPERF_ENGINE_OK;
}

int describe_module(void *object, sgperf_module_info *info) {
  auto *module = static_cast<Module *>(object);
  void *begin = nullptr, *end = nullptr;
  module->engine->api().wasmtime_module_image_range(module->module, &begin, &end);
  auto *image = static_cast<const uint8_t *>(begin);
  size_t size = size_t(static_cast<const uint8_t *>(end) - image);
  // The range is that of the text, in whole pages; some versions give the ELF image around it.
  info->code_size =
      size >= 4 && !std::memcmp(image, "\177ELF", 4) ? engine::elf_section(image, size, ".text").size : size;
  info->artefact_size = module->artefact_size;
  // All functions are compiled, once, before the compile call returns.
  if (info->struct_size > offsetof(sgperf_module_info, lazy)) info->lazy = 0;
  return SGPERF_ENGINE_OK;
}

// ---- instance

void free_instance(void *object) {
  auto *instance = static_cast<Instance *>(object);
  if (instance && instance->store) instance->module->engine->api().wasmtime_store_delete(instance->store);
  delete instance;
}

// How a call into the guest ended.
int finish(const Engine &engine, wasmtime_error_t *error, wasm_trap_t *trap, const char *what, int *exit_code) {
  const Api &api = engine.api();
  if (error) {
    int code = 0;
    if (api.wasmtime_error_exit_status(error, &code)) {
      api.wasmtime_error_delete(error);
      if (exit_code) *exit_code = code;
      return code ? engine.host.error(SGPERF_ENGINE_EXIT, "%s: the guest left with code %d", what, code)
                  : SGPERF_ENGINE_OK;
    }
    std::string why = take(api, error);
    return engine.host.error(why.find("wasm trap") != std::string::npos ? SGPERF_ENGINE_TRAP : SGPERF_ENGINE_ERROR,
                             "%s: %s", what, why.c_str());
  }
  return engine.host.error(SGPERF_ENGINE_TRAP, "%s: the guest trapped: %s", what, take(api, trap).c_str());
}

int instantiate(void *object, void **out) {
  SGPERF_SCOPE("wasmtime::instantiate");
  auto *module = static_cast<Module *>(object);
  Engine &engine = *module->engine;
  const Host &host = engine.host;
  const Api &api = engine.api();
  wasi_config_t *wasi = make_wasi(host, api);
  if (!wasi) return SGPERF_ENGINE_ERROR;

  std::unique_ptr<Instance, void (*)(void *)> instance(new Instance{module, nullptr, nullptr, {}, {}}, free_instance);
  host.begin(SGPERF_REGION_INSTANTIATE);
  instance->store = api.wasmtime_store_new(engine.engine, nullptr, nullptr);
  instance->context = api.wasmtime_store_context(instance->store);
  wasmtime_error_t *error = api.wasmtime_context_set_wasi(instance->context, wasi); // takes `wasi` over
  if (!error && engine.settings.fuel) error = api.wasmtime_context_set_fuel(instance->context, *engine.settings.fuel);
  if (engine.settings.epoch_interruption) api.wasmtime_context_set_epoch_deadline(instance->context, uint64_t(1) << 62);
  wasm_trap_t *trap = nullptr;
  if (!error)
    error =
        api.wasmtime_linker_instantiate(engine.linker, instance->context, module->module, &instance->instance, &trap);
  if (!error && !trap) {
    host.end(SGPERF_REGION_INSTANTIATE);
    *out = instance.release();
    return SGPERF_ENGINE_OK;
  }
  if (trap) return finish(engine, nullptr, trap, "start function", nullptr);
  int code = 0;
  if (api.wasmtime_error_exit_status(error, &code)) return finish(engine, error, nullptr, "start function", nullptr);
  std::string why = take(api, error);
  bool import =
      why.find("unknown import") != std::string::npos || why.find("incompatible import type") != std::string::npos;
  bool trapped = why.find("wasm trap") != std::string::npos;
  return host.error(import    ? SGPERF_ENGINE_IMPORT
                    : trapped ? SGPERF_ENGINE_TRAP
                              : SGPERF_ENGINE_ERROR,
                    "cannot instantiate: %s%s", why.c_str(),
                    import ? "; provided are wasi_snapshot_preview1 and bench.start, bench.end" : "");
}

bool find_function(Instance *instance, const char *name, wasmtime_func_t &out) {
  wasmtime_extern_t item{};
  if (!instance->module->engine->api().wasmtime_instance_export_get(
          instance->context, &instance->instance, const_cast<char *>(name), std::strlen(name), &item) ||
      item.kind != 0)
    return false;
  out = item.of.func;
  return true;
}

int execute(void *object, int *exit_code) {
  SGPERF_SCOPE("wasmtime::execute");
  auto *instance = static_cast<Instance *>(object);
  Engine &engine = *instance->module->engine;
  wasmtime_func_t start;
  if (!find_function(instance, "_start", start))
    return engine.host.error(SGPERF_ENGINE_NOT_FOUND,
                             "the module exports no function _start; build a WASI command, or name an exported "
                             "function to call");
  wasmtime_val_raw_t values[1];
  wasm_trap_t *trap = nullptr;
  engine.host.begin(SGPERF_REGION_CALL);
  wasmtime_error_t *error;
  {
    SGPERF_SCOPE("guest::_start");
    error = engine.api().wasmtime_func_call_unchecked(instance->context, &start, values, 0, &trap);
  }
  if (!error && !trap) {
    engine.host.end(SGPERF_REGION_CALL);
    if (exit_code) *exit_code = 0;
    return SGPERF_ENGINE_OK;
  }
  int code = 0;
  bool left = error && engine.api().wasmtime_error_exit_status(error, &code) && code == 0;
  if (left) engine.host.end(SGPERF_REGION_CALL); // proc_exit(0) is a success
  return finish(engine, error, trap, "_start", exit_code);
}

// ---- exported functions

bool kinds(const Api &api, const wasm_valtype_vec_t &types, uint8_t *out, uint32_t &count) {
  if (types.size > max_values) return false;
  count = uint32_t(types.size);
  for (size_t i = 0; i < types.size; i++)
    if ((out[i] = api.wasm_valtype_kind(types.data[i])) > 3) return false;
  return true;
}

int resolve(void *object, const char *name, void **out, uint32_t *n_params, uint32_t *n_results) {
  auto *instance = static_cast<Instance *>(object);
  Engine &engine = *instance->module->engine;
  auto function = std::make_unique<Function>(
      Function{&engine, instance->context, {}, engine.api().wasmtime_func_call_unchecked, 0, 0, name, {}, {}});
  if (!find_function(instance, name, function->func))
    return engine.host.error(SGPERF_ENGINE_NOT_FOUND, "the module exports no function '%s'", name);
  wasm_functype_t *type = engine.api().wasmtime_func_type(instance->context, &function->func);
  bool numbers = kinds(engine.api(), *engine.api().wasm_functype_params(type), function->params, function->n_params) &&
                 kinds(engine.api(), *engine.api().wasm_functype_results(type), function->results, function->n_results);
  engine.api().wasm_functype_delete(type);
  if (!numbers)
    return engine.host.error(SGPERF_ENGINE_UNSUPPORTED,
                             "'%s' has other parameters or results than i32, i64, f32, f64 (or more than %zu)", name,
                             max_values);
  *n_params = function->n_params;
  *n_results = function->n_results;
  *out = function.get();
  instance->functions.push_back(std::move(function));
  return SGPERF_ENGINE_OK;
}

int invoke_with_values(Function *function, const sgperf_value *args, uint32_t n_args, sgperf_value *results,
                       uint32_t n_results, uint64_t times) {
  const Engine &engine = *function->engine;
  if (n_args != function->n_params || n_results < function->n_results)
    return engine.host.error(SGPERF_ENGINE_ERROR, "'%s' takes %u values and gives %u: found %u and room for %u",
                             function->name.c_str(), function->n_params, function->n_results, n_args, n_results);
  for (uint32_t i = 0; i < n_args; i++)
    if (args[i].kind != function->params[i])
      return engine.host.error(SGPERF_ENGINE_ERROR,
                               "'%s': argument %u has kind %u, expected %u (0 i32, 1 i64, 2 f32, 3 f64)",
                               function->name.c_str(), i, args[i].kind, function->params[i]);
  wasmtime_val_raw_t values[max_values]; // arguments, and results in their place
  const size_t count = std::max(n_args, function->n_results);
  for (uint64_t time = 0; time < times; time++) {
    for (uint32_t i = 0; i < n_args; i++) values[i].i64 = args[i].of.i64;
    wasm_trap_t *trap = nullptr;
    wasmtime_error_t *error = function->call(function->context, &function->func, values, count, &trap);
    if (error || trap) return finish(engine, error, trap, function->name.c_str(), nullptr);
  }
  for (uint32_t i = 0; times && i < function->n_results; i++) {
    results[i].kind = function->results[i];
    results[i].of.i64 = values[i].i64;
  }
  return SGPERF_ENGINE_OK;
}

// What has no values takes the short way: the call is of a few nanoseconds.
int invoke_many(void *object, const sgperf_value *args, uint32_t n_args, sgperf_value *results, uint32_t n_results,
                uint64_t times) {
  auto *function = static_cast<Function *>(object);
  if (n_args | function->n_params | function->n_results)
    return invoke_with_values(function, args, n_args, results, n_results, times);
  wasmtime_val_raw_t none[1];
  for (uint64_t i = 0; i < times; i++) {
    wasm_trap_t *trap = nullptr;
    wasmtime_error_t *error = function->call(function->context, &function->func, none, 0, &trap);
    if (__builtin_expect(error || trap, 0))
      return finish(*function->engine, error, trap, function->name.c_str(), nullptr);
  }
  return SGPERF_ENGINE_OK;
}

const sgperf_engine table = {
    sizeof(sgperf_engine),
    SGPERF_ENGINE_VERSION,
    SGPERF_ENGINE_CAP_SERIALIZE | SGPERF_ENGINE_CAP_OWN_WASI | SGPERF_ENGINE_CAP_INVOKE,
    "wasmtime",
    tier_names,
    create,
    free_engine,
    describe,
    compile,
    serialize,
    deserialize,
    describe_module,
    free_module,
    instantiate,
    execute,
    resolve,
    engine::once<invoke_many>,
    free_instance,
    invoke_many,
};

} // namespace

} // namespace sgperf::wasmtime

extern "C" __attribute__((visibility("default"))) const struct sgperf_engine *sgperf_engine_v1(uint32_t host_version) {
  return host_version >= SGPERF_ENGINE_VERSION ? &sgperf::wasmtime::table : nullptr;
}
