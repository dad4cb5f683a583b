// SPDX-License-Identifier: Apache-2.0
// JavaScriptCore of WebKitGTK: WebAssembly through the engine's C API.  WASI is the shim's.
//
// Modules and instances are made by the constructors WebAssembly.Module and WebAssembly.Instance, called from C; those
// two calls are what the regions hold.  No line of script is ever run.
#include "adapter/once.h"
#include "adapter/shim.h"
#include "js/guest.h"
#include "jsc/imports.h"
#include "jsc/library.h"
#include "jsc/options.h"
#include "jsc/values.h"
#include "sgperf/sgperf.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace sgperf::jsc {

namespace {

using engine::Host;

struct Engine {
  explicit Engine(const sgperf_engine_config &config) : host(config) {}
  Host host;
  std::string tier, details;
  Library library;
  std::unique_ptr<Context> context;
  JSObjectRef module = nullptr, instance = nullptr; // constructors; held by the context's global object
};

struct Module {
  explicit Module(Engine &engine) : engine(engine), object(*engine.context) {}
  Engine &engine;
  engine::Interface interface;
  Kept object; // a WebAssembly.Module
};

struct Function {
  Function(struct Instance &instance, const Context &context) : instance(instance), object(context) {}
  struct Instance &instance;
  std::string name;
  engine::Signature signature;
  Kept object;
};

struct Instance {
  explicit Instance(Module &module)
      : module(module), context(*module.engine.context), guest(module.engine.host, context), exports(context),
        start(context) {}
  Module &module;
  const Context &context;
  Guest guest;
  Kept exports, start; // `start`: looked up at the first execute
  std::vector<std::unique_ptr<Function>> functions;
};

constexpr javascript::TrapName traps[] = {
    {"Out of bounds memory access", "out of bounds access"},
    {"Out of bounds table access", "out of bounds table access"},
    {"Out of bounds call_indirect", "undefined element"},
    {"Maximum call stack size exceeded", "call stack exhausted"},
    {"Unreachable code", "unreachable"},
    {"Division by zero", "integer divide by zero"},
    {"Integer overflow", "integer overflow"},
    {"Out of bounds Trunc operation", "integer overflow or invalid conversion to integer"},
    {"call_indirect to a null table entry", "uninitialized element"},
    {"call_indirect to a signature that does not match", "indirect call type mismatch"},
};

std::string trap_of(const Context &context, JSValueRef exception) {
  return javascript::named_trap(traps, context.text(exception));
}

// ---- engine

std::string details_of(const Api &api, const std::string &tier) {
  std::string interpreter = is_on(api, "useWasmIPInt") ? "in-place interpreter" : "low-level interpreter";
  if (tier == "interp") return "JavaScriptCore, " + interpreter + " only";
  if (tier == "bbq") return "JavaScriptCore, every function by BBQ at its first call";
  if (tier == "omg") return "JavaScriptCore, every function by BBQ and OMG at its first call";
  return "JavaScriptCore, " + interpreter + ", then BBQ and OMG on other threads";
}

int create(const sgperf_engine_config *config, void **out) {
  auto engine = std::make_unique<Engine>(*config);
  const Host &host = engine->host;
  engine->tier = host.tier("tier-up");
  if (std::string(",").append(tiers).append(",").find("," + engine->tier + ",") == std::string::npos)
    return host.error(SGPERF_ENGINE_FLAGS, "jsc has no tier '%s': expected tier-up, interp, bbq or omg",
                      engine->tier.c_str());
  if (int status = load_library(host, engine->library)) return status;
  const Api &api = engine->library.api;
  if (int status = set_options(host, api, engine->tier)) return status;
  engine->context = std::make_unique<Context>(api);
  if (int status = check_options(host, api, engine->tier)) return status;
  engine->details = details_of(api, engine->tier);
  const Context &context = *engine->context;
  if (JSObjectRef webassembly = context.object_property(api.JSContextGetGlobalObject(context.js), "WebAssembly")) {
    engine->module = context.object_property(webassembly, "Module");
    engine->instance = context.object_property(webassembly, "Instance");
  }
  if (!engine->module || !engine->instance)
    return host.error(
        SGPERF_ENGINE_UNSUPPORTED,
        "%s has no WebAssembly here: it was built without, or useWasm is off (JSC_useWasm in the environment?)",
        engine->library.path.c_str());
  *out = engine.release();
  return SGPERF_ENGINE_OK;
}

void free_engine(void *object) {
  delete static_cast<Engine *>(object);
}

int describe(void *object, sgperf_engine_info *info) {
  auto *engine = static_cast<Engine *>(object);
  info->engine_version = engine->library.version.c_str();
  info->library_path = engine->library.path.c_str();
  info->wasi = "sgperf shim";
  info->tier = engine->tier.c_str();
  info->details = engine->details.c_str();
  if (info->struct_size >= offsetof(sgperf_engine_info, code_names) + sizeof info->code_names)
    info->code_names = engine->tier == "interp"                   ? "none: interpreter"
                       : is_on(engine->library.api, "useJITDump") ? "jitdump"
                                                                  : "none: --useJITDump=true was not given";
  return SGPERF_ENGINE_OK;
}

// ---- module

void free_module(void *object) {
  auto *module = static_cast<Module *>(object);
  if (!module) return;
  const Context &context = *module->engine.context;
  delete module;
  context.collect();
}

int compile(void *object, const char *path, const uint8_t *wasm, size_t size, void **out) {
  SGPERF_SCOPE("jsc::compile");
  auto *engine = static_cast<Engine *>(object);
  const Host &host = engine->host;
  if (int status = engine::check_header(host, path, wasm, size)) return status;
  const Context &context = *engine->context;
  const Api &api = context.api;
  auto module = std::make_unique<Module>(*engine);
  JSValueRef exception = nullptr;
  // Not copied here; the engine keeps a copy of its own, as part of compiling, and `bytes` is not looked at after it.
  JSValueRef bytes = api.JSObjectMakeArrayBufferWithBytesNoCopy(context.js, const_cast<uint8_t *>(wasm), size, nullptr,
                                                                nullptr, &exception);
  if (!bytes) return host.error(SGPERF_ENGINE_ERROR, "JavaScriptCore: %s", context.text(exception).c_str());
  host.begin(SGPERF_REGION_COMPILE);
  JSObjectRef made = api.JSObjectCallAsConstructor(context.js, engine->module, 1, &bytes, &exception);
  if (!exception) host.end(SGPERF_REGION_COMPILE);
  if (exception)
    return host.error(SGPERF_ENGINE_INVALID, "%s is not a module that JavaScriptCore %s takes: %s",
                      path ? path : "(bytes)", engine->library.version.c_str(), context.text(exception).c_str());
  module->object = made;
  std::string error;
  if (!engine::read_interface(wasm, size, module->interface, error))
    return host.error(SGPERF_ENGINE_INVALID, "%s: %s", path ? path : "(bytes)", error.c_str());
  *out = module.release();
  return SGPERF_ENGINE_OK;
}

int unsupported(const Host &host) {
  return host.error(SGPERF_ENGINE_UNSUPPORTED, "JavaScriptCore's C API has no call that serialises a module");
}
int serialize(void *object, const char *) {
  return unsupported(static_cast<Module *>(object)->engine.host);
}
int deserialize(void *object, const char *, void **) {
  return unsupported(static_cast<Engine *>(object)->host);
}

int describe_module(void *object, sgperf_module_info *info) {
  auto *module = static_cast<Module *>(object);
  const std::string &tier = module->engine.tier;
  info->code_size = 0; // the API does not tell, and most functions have none yet
  info->artefact_size = 0;
  if (info->struct_size >= offsetof(sgperf_module_info, lazy) + sizeof info->lazy)
    info->lazy = tier == "interp" ? 0 : tier == "tier-up" ? 2 : 1;
  return SGPERF_ENGINE_OK;
}

// ---- instance

void free_instance(void *object) {
  auto *instance = static_cast<Instance *>(object);
  if (!instance) return;
  const Context &context = instance->context;
  delete instance;
  context.collect();
}

int instantiate(void *object, void **out) {
  SGPERF_SCOPE("jsc::instantiate");
  auto *module = static_cast<Module *>(object);
  const Engine &engine = module->engine;
  const Host &host = engine.host;
  const Context &context = *engine.context;
  std::vector<javascript::Provided> provided;
  if (int status = javascript::provide_imports(host, module->interface, provided)) return status;
  std::unique_ptr<Instance, void (*)(void *)> instance(new Instance(*module), free_instance);
  if (int status = engine::open_shim(host, &instance->guest.world.wasi)) return status;
  JSValueRef arguments[] = {module->object.get(), make_imports(context, provided)};
  JSValueRef exception = nullptr;
  Running running(instance->guest);
  host.begin(SGPERF_REGION_INSTANTIATE);
  JSObjectRef made = context.api.JSObjectCallAsConstructor(context.js, engine.instance, 2, arguments, &exception);
  if (!exception) host.end(SGPERF_REGION_INSTANTIATE);
  if (exception) {
    int code;
    int status = javascript::finish(host, instance->guest.world, "start function", trap_of(context, exception), &code);
    return status ? status
                  : host.error(SGPERF_ENGINE_ERROR, "the start function left with code 0: there is no instance");
  }
  instance->exports = context.object_property(made, "exports");
  for (const engine::Export &item : module->interface.exports)
    if (item.kind == 2) {
      instance->guest.memory.bind(context.object_property(instance->exports.get(), item.name.c_str()));
      break;
    }
  *out = instance.release();
  return SGPERF_ENGINE_OK;
}

int find_export(Instance &instance, const char *name, engine::Signature &signature, Kept &out) {
  const Host &host = instance.module.engine.host;
  if (int status = javascript::find_function(host, instance.module.interface, name, signature)) return status;
  out = instance.context.object_property(instance.exports.get(), name);
  if (!out.get()) return host.error(SGPERF_ENGINE_ERROR, "JavaScriptCore does not show the export '%s'", name);
  return SGPERF_ENGINE_OK;
}

int execute(void *object, int *exit_code) {
  SGPERF_SCOPE("jsc::execute");
  auto *instance = static_cast<Instance *>(object);
  const Host &host = instance->module.engine.host;
  const Context &context = instance->context;
  if (!instance->start.get()) {
    engine::Signature signature;
    if (int status = find_export(*instance, "_start", signature, instance->start)) return status;
  }
  JSValueRef exception = nullptr;
  Running running(instance->guest);
  host.begin(SGPERF_REGION_CALL);
  {
    SGPERF_SCOPE("guest::_start");
    context.api.JSObjectCallAsFunction(context.js, instance->start.get(), nullptr, 0, nullptr, &exception);
  }
  const std::optional<int> &left = instance->guest.world.exit_code;
  if (!exception || (left && *left == 0)) host.end(SGPERF_REGION_CALL);
  if (exception)
    return javascript::finish(host, instance->guest.world, "_start", trap_of(context, exception), exit_code);
  if (exit_code) *exit_code = 0;
  return SGPERF_ENGINE_OK;
}

// ---- exported functions

int resolve(void *object, const char *name, void **out, uint32_t *n_params, uint32_t *n_results) {
  auto *instance = static_cast<Instance *>(object);
  auto function = std::make_unique<Function>(*instance, instance->context);
  if (int status = find_export(*instance, name, function->signature, function->object)) return status;
  function->name = name;
  *n_params = uint32_t(function->signature.params.size());
  *n_results = uint32_t(function->signature.results.size());
  *out = function.get();
  instance->functions.push_back(std::move(function));
  return SGPERF_ENGINE_OK;
}

int invoke_many(void *object, const sgperf_value *args, uint32_t n_args, sgperf_value *results, uint32_t n_results,
                uint64_t times) {
  auto *function = static_cast<Function *>(object);
  Instance &instance = function->instance;
  const Host &host = instance.module.engine.host;
  const Context &context = instance.context;
  if (int status = javascript::check_call(host, function->name.c_str(), function->signature, args, n_args, n_results))
    return status;
  Lock lock(context, times > 1 || n_args || !function->signature.results.empty());
  // On the stack, where the collector finds them.
  auto *values = static_cast<JSValueRef *>(__builtin_alloca((n_args + 1) * sizeof(JSValueRef)));
  for (uint32_t i = 0; i < n_args; i++) values[i] = to_js(context, args[i]);
  JSValueRef exception = nullptr, result = nullptr;
  Running running(instance.guest);
  JSObjectRef callee = function->object.get();
  for (uint64_t i = 0; i < times; i++) {
    result = context.api.JSObjectCallAsFunction(context.js, callee, nullptr, n_args, values, &exception);
    if (exception)
      return javascript::finish(host, instance.guest.world, function->name.c_str(), trap_of(context, exception),
                                nullptr);
  }
  if (times) from_js(context, result, function->signature.results, results);
  return SGPERF_ENGINE_OK;
}

const sgperf_engine table = {
    sizeof(sgperf_engine),
    SGPERF_ENGINE_VERSION,
    SGPERF_ENGINE_CAP_INVOKE,
    "jsc",
    tiers,
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

} // namespace sgperf::jsc

extern "C" __attribute__((visibility("default"))) const struct sgperf_engine *sgperf_engine_v1(uint32_t host_version) {
  return host_version >= SGPERF_ENGINE_VERSION ? &sgperf::jsc::table : nullptr;
}
