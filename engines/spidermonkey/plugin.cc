// SPDX-License-Identifier: Apache-2.0
// SpiderMonkey of Debian's libmozjs-102: WebAssembly through the engine's C++ API.  WASI is the shim's.
//
// Modules and instances are made by the constructors WebAssembly.Module and WebAssembly.Instance, called from C++;
// those two calls are what the regions hold.  No line of script is ever run.
#include "adapter/once.h"
#include "adapter/shim.h"
#include "adapter/whole_file.h"
#include "js/guest.h"
#include "sgperf/sgperf.h"
#include "spidermonkey/artefact.h"
#include "spidermonkey/code_size.h"
#include "spidermonkey/context.h"
#include "spidermonkey/encoding.h"
#include "spidermonkey/imports.h"
#include "spidermonkey/values.h"

#include <js/ArrayBuffer.h>
#include <js/CallAndConstruct.h>
#include <js/GCAPI.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <dlfcn.h>
#include <memory>
#include <optional>
#include <unistd.h>

namespace sgperf::spidermonkey {

namespace {

using engine::Host;

struct Engine {
  explicit Engine(const sgperf_engine_config &config) : host(config) {}
  Host host;
  std::string tier, version, library;
  std::unique_ptr<Context> context;
  size_t modules = 0; // alive
};

struct Module {
  explicit Module(Engine &engine) : engine(engine), object(engine.context->get()) { engine.modules++; }
  ~Module() { engine.modules--; }
  Engine &engine;
  engine::Interface interface;
  JS::PersistentRootedValue object; // a WebAssembly.Module
  const uint8_t *wasm = nullptr;    // nullptr when deserialised
  size_t wasm_size = 0;
  uint64_t code_size = 0, artefact_size = 0;
};

using Values = JS::GCVector<JS::Value, 8, js::SystemAllocPolicy>;
struct Function {
  Function(struct Instance &instance, JSContext *cx) : instance(instance), object(cx), values(cx) {}
  struct Instance &instance;
  std::string name;
  engine::Signature signature;
  JS::PersistentRootedValue object;
  JS::PersistentRooted<Values> values; // arguments, so that a call allocates nothing for them
};

struct Instance {
  explicit Instance(Module &module)
      : module(module), cx(module.engine.context->get()), guest(cx), exports(cx), start(cx) {}
  Module &module;
  JSContext *cx;
  Guest guest;
  JS::PersistentRootedObject exports;
  JS::PersistentRootedValue start; // _start, looked up at the first execute
  std::vector<std::unique_ptr<Function>> functions;
};

constexpr javascript::TrapName traps[] = {
    {"index out of bounds", "out of bounds access"},
    {"too much recursion", "call stack exhausted"},
    {"unreachable executed", "unreachable"},
    {"integer divide by zero", "integer divide by zero"},
    {"integer overflow", "integer overflow"},
    {"invalid conversion to integer", "invalid conversion to integer"},
    {"indirect call to null", "uninitialized element"},
    {"indirect call signature mismatch", "indirect call type mismatch"},
};

std::string trap_of(const Engine &engine) {
  return javascript::named_trap(traps, engine.context->take_exception());
}

// ---- engine

std::string loaded_library() {
  Dl_info info{};
  return dladdr(reinterpret_cast<const void *>(&JS_NewContext), &info) && info.dli_fname ? info.dli_fname : "libmozjs";
}

extern sgperf_engine table;

int create(const sgperf_engine_config *config, void **out) {
  auto engine = std::make_unique<Engine>(*config);
  const Host &host = engine->host;
  engine->tier = host.tier("tier-up");
  if (engine->tier != "tier-up" && engine->tier != "baseline" && engine->tier != "ion")
    return host.error(SGPERF_ENGINE_FLAGS, "spidermonkey has no tier '%s': expected tier-up, baseline or ion",
                      engine->tier.c_str());
  engine->library = loaded_library();
  if (host.config().library)
    return host.error(
        SGPERF_ENGINE_FLAGS,
        "lib=%s cannot be used: the plug-in is compiled against the C++ API of mozjs-102 and linked to %s; "
        "build a plug-in against that SpiderMonkey",
        host.config().library, engine->library.c_str());
  // "JavaScript-C102.15.1"
  engine->version = JS_GetImplementationVersion();
  if (size_t digit = engine->version.find_first_of("0123456789"); digit != std::string::npos)
    engine->version.erase(0, digit);
  if (std::atoi(engine->version.c_str()) != MOZJS_MAJOR_VERSION)
    return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                      "%s is SpiderMonkey %s, and the plug-in was compiled for %d; build the plug-in again",
                      engine->library.c_str(), engine->version.c_str(), MOZJS_MAJOR_VERSION);
  int status;
  engine->context = Context::make(host, engine->tier, status);
  if (!engine->context) return status;
  table.capabilities = SGPERF_ENGINE_CAP_INVOKE | (engine->tier == "baseline" ? 0 : SGPERF_ENGINE_CAP_SERIALIZE);
  *out = engine.release();
  return SGPERF_ENGINE_OK;
}

void free_engine(void *object) {
  delete static_cast<Engine *>(object);
}

int describe(void *object, sgperf_engine_info *info) {
  auto *engine = static_cast<Engine *>(object);
  info->engine_version = engine->version.c_str();
  info->library_path = engine->library.c_str();
  info->wasi = "sgperf shim";
  info->tier = engine->tier.c_str();
  info->details = engine->tier == "baseline" ? "SpiderMonkey, baseline compiler only"
                  : engine->tier == "ion"
                      ? "SpiderMonkey, Ion only"
                      : "SpiderMonkey, baseline then Ion on other threads (small modules: Ion at once)";
  if (info->struct_size >= offsetof(sgperf_engine_info, code_names) + sizeof info->code_names)
    info->code_names = "none: this SpiderMonkey has no profiler support";
  return SGPERF_ENGINE_OK;
}

// ---- module

void free_module(void *object) {
  delete static_cast<Module *>(object);
}

int compile(void *object, const char *path, const uint8_t *wasm, size_t size, void **out) {
  SGPERF_SCOPE("spidermonkey::compile");
  auto *engine = static_cast<Engine *>(object);
  const Host &host = engine->host;
  if (int status = engine::check_header(host, path, wasm, size)) return status;
  JSContext *cx = engine->context->get();
  auto module = std::make_unique<Module>(*engine);
  // Not copied here; the engine keeps a copy of its own, as part of compiling.
  JS::RootedObject bytes(cx, JS::NewArrayBufferWithUserOwnedContents(cx, size, const_cast<uint8_t *>(wasm)));
  if (!bytes) return host.error(SGPERF_ENGINE_ERROR, "SpiderMonkey: %s", engine->context->take_exception().c_str());
  JS::RootedValueArray<1> arguments(cx);
  arguments[0].setObject(*bytes);
  JS::RootedObject made(cx);
  host.begin(SGPERF_REGION_COMPILE);
  bool compiled = JS::Construct(cx, engine->context->constructor(true), arguments, &made);
  if (compiled) host.end(SGPERF_REGION_COMPILE);
  std::string error = compiled ? "" : engine->context->take_exception();
  JS::DetachArrayBuffer(cx, bytes); // before `wasm` goes
  if (!compiled)
    return host.error(SGPERF_ENGINE_INVALID, "%s is not a module that SpiderMonkey %s takes: %s",
                      path ? path : "(bytes)", engine->version.c_str(), error.c_str());
  if (!engine::read_interface(wasm, size, module->interface, error))
    return host.error(SGPERF_ENGINE_INVALID, "%s: %s", path ? path : "(bytes)", error.c_str());
  module->object.setObject(*made);
  module->wasm = wasm;
  module->wasm_size = size;
  *out = module.release();
  return SGPERF_ENGINE_OK;
}

int unsupported(const Host &host) {
  return host.error(SGPERF_ENGINE_UNSUPPORTED,
                    "SpiderMonkey serialises code of Ion only; use tier ion or tier-up (which writes Ion's code)");
}

int serialize(void *object, const char *path) {
  SGPERF_SCOPE("spidermonkey::serialize");
  auto *module = static_cast<Module *>(object);
  Engine &engine = module->engine;
  const Host &host = engine.host;
  if (engine.tier == "baseline") return unsupported(host);
  if (!module->wasm)
    return host.error(SGPERF_ENGINE_UNSUPPORTED, "a module that was itself deserialised is not serialised again: "
                                                 "SpiderMonkey needs its bytes; compile it");
  std::string build_id = encoding_build_id(), error;
  unlink(path); // an artefact in use is mapped: never written over
  std::vector<uint8_t> interface = interface_of(module->wasm, module->wasm_size);
  bool written = false;
  int reason = 0;
  auto begin = [&] { host.begin(SGPERF_REGION_SERIALIZE); };
  auto take = [&](const uint8_t *encoding, size_t size) {
    std::string header = artefact_header(build_id, interface, size);
    written =
        engine::write_file(path, {{reinterpret_cast<const uint8_t *>(header.data()), header.size()}, {encoding, size}});
    reason = errno;
    if (written) host.end(SGPERF_REGION_SERIALIZE);
    module->artefact_size = header.size() + size;
  };
  bool encoded = encode(*engine.context, module->wasm, module->wasm_size, begin, take, error);
  JS_GC(engine.context->get()); // the second module
  if (!encoded) return host.error(SGPERF_ENGINE_ERROR, "SpiderMonkey did not encode the module: %s", error.c_str());
  if (!written) return host.error(SGPERF_ENGINE_ERROR, "cannot write the artefact %s: %s", path, strerror(reason));
  return SGPERF_ENGINE_OK;
}

int deserialize(void *object, const char *path, void **out) {
  SGPERF_SCOPE("spidermonkey::deserialize");
  auto *engine = static_cast<Engine *>(object);
  const Host &host = engine->host;
  if (engine->tier == "baseline") return unsupported(host);
  auto module = std::make_unique<Module>(*engine);
  std::string build_id = encoding_build_id(), error;
  Artefact artefact;
  host.begin(SGPERF_REGION_DESERIALIZE);
  engine::MappedFile file(path);
  if (!file.ok())
    return host.error(SGPERF_ENGINE_NOT_FOUND, "cannot read the artefact %s: %s", path, strerror(file.error()));
  if (!read_artefact(file.bytes(), build_id, artefact, error))
    return host.error(SGPERF_ENGINE_INVALID, "%s is no artefact that can be used here: %s", path, error.c_str());
  JS::RootedObject made(engine->context->get(),
                        decode(*engine->context, artefact.encoding.data, artefact.encoding.size, error));
  if (!made) return host.error(SGPERF_ENGINE_INVALID, "SpiderMonkey does not take %s: %s", path, error.c_str());
  host.end(SGPERF_REGION_DESERIALIZE);
  if (!engine::read_interface(artefact.interface.data, artefact.interface.size, module->interface, error))
    return host.error(SGPERF_ENGINE_INVALID, "%s: %s", path, error.c_str());
  module->object.setObject(*made);
  module->artefact_size = file.bytes().size;
  *out = module.release();
  return SGPERF_ENGINE_OK;
}

int describe_module(void *object, sgperf_module_info *info) {
  auto *module = static_cast<Module *>(object);
  // The engine's sum is over all modules: it is this one's while there is no other.
  if (module->engine.modules == 1) module->code_size = wasm_code_size(module->engine.context->get());
  info->code_size = module->code_size;
  info->artefact_size = module->artefact_size;
  if (info->struct_size >= offsetof(sgperf_module_info, lazy) + sizeof info->lazy)
    info->lazy = module->engine.tier == "tier-up" && module->wasm ? 2 : 0; // an artefact holds Ion's code
  return SGPERF_ENGINE_OK;
}

// ---- instance

void free_instance(void *object) {
  auto *instance = static_cast<Instance *>(object);
  if (!instance) return;
  JSContext *cx = instance->cx;
  delete instance;
  JS_GC(cx); // linear memory goes now, not at some later time in somebody's region
}

// The instance's exports, and the memory among them.
bool find_exports(Instance &instance, JS::HandleObject object) {
  JS::RootedValue value(instance.cx);
  if (!JS_GetProperty(instance.cx, object, "exports", &value)) return false;
  instance.exports = &value.toObject();
  for (const engine::Export &item : instance.module.interface.exports)
    if (item.kind == 2) {
      if (!JS_GetProperty(instance.cx, instance.exports, item.name.c_str(), &value)) return false;
      instance.guest.memory.bind(&value.toObject());
      break;
    }
  return true;
}

int instantiate(void *object, void **out) {
  SGPERF_SCOPE("spidermonkey::instantiate");
  auto *module = static_cast<Module *>(object);
  Engine &engine = module->engine;
  const Host &host = engine.host;
  JSContext *cx = engine.context->get();
  std::vector<javascript::Provided> provided;
  if (int status = javascript::provide_imports(host, module->interface, provided)) return status;
  std::unique_ptr<Instance, void (*)(void *)> instance(new Instance(*module), free_instance);
  if (int status = engine::open_shim(host, &instance->guest.world.wasi)) return status;
  JS::RootedObject imports(cx, make_imports(cx, host, provided, instance->guest));
  if (!imports) return host.error(SGPERF_ENGINE_ERROR, "SpiderMonkey: %s", engine.context->take_exception().c_str());
  JS::RootedValueArray<2> arguments(cx);
  arguments[0].set(module->object);
  arguments[1].setObject(*imports);
  JS::RootedObject made(cx);
  Context::Call call;
  host.begin(SGPERF_REGION_INSTANTIATE);
  bool instantiated = JS::Construct(cx, engine.context->constructor(false), arguments, &made);
  if (instantiated) host.end(SGPERF_REGION_INSTANTIATE);
  if (!instantiated) {
    int code;
    int status = javascript::finish(host, instance->guest.world, "start function", trap_of(engine), &code);
    return status ? status
                  : host.error(SGPERF_ENGINE_ERROR, "the start function left with code 0: there is no instance");
  }
  if (!find_exports(*instance, made))
    return host.error(SGPERF_ENGINE_ERROR, "SpiderMonkey: %s", engine.context->take_exception().c_str());
  *out = instance.release();
  return SGPERF_ENGINE_OK;
}

int find_export(Instance &instance, const char *name, engine::Signature &signature, JS::MutableHandleValue out) {
  const Engine &engine = instance.module.engine;
  if (int status = javascript::find_function(engine.host, instance.module.interface, name, signature)) return status;
  if (!JS_GetProperty(instance.cx, instance.exports, name, out))
    return engine.host.error(SGPERF_ENGINE_ERROR, "SpiderMonkey: %s", engine.context->take_exception().c_str());
  return SGPERF_ENGINE_OK;
}

int execute(void *object, int *exit_code) {
  SGPERF_SCOPE("spidermonkey::execute");
  auto *instance = static_cast<Instance *>(object);
  const Engine &engine = instance->module.engine;
  const Host &host = engine.host;
  JSContext *cx = instance->cx;
  if (instance->start.isUndefined()) {
    engine::Signature signature;
    if (int status = find_export(*instance, "_start", signature, &instance->start)) return status;
  }
  JS::RootedValue result(cx);
  Context::Call call;
  host.begin(SGPERF_REGION_CALL);
  bool returned;
  {
    SGPERF_SCOPE("guest::_start");
    returned = JS::Call(cx, JS::UndefinedHandleValue, instance->start, JS::HandleValueArray::empty(), &result);
  }
  std::optional<int> &left = instance->guest.world.exit_code;
  if (returned || (left && *left == 0)) host.end(SGPERF_REGION_CALL);
  if (!returned) return javascript::finish(host, instance->guest.world, "_start", trap_of(engine), exit_code);
  if (exit_code) *exit_code = 0;
  return SGPERF_ENGINE_OK;
}

// ---- exported functions

int resolve(void *object, const char *name, void **out, uint32_t *n_params, uint32_t *n_results) {
  auto *instance = static_cast<Instance *>(object);
  auto function = std::make_unique<Function>(*instance, instance->cx);
  if (int status = find_export(*instance, name, function->signature, &function->object)) return status;
  function->name = name;
  *n_params = uint32_t(function->signature.params.size());
  *n_results = uint32_t(function->signature.results.size());
  if (!function->values.resize(*n_params))
    return instance->module.engine.host.error(SGPERF_ENGINE_ERROR, "no memory for %u arguments", *n_params);
  *out = function.get();
  instance->functions.push_back(std::move(function));
  return SGPERF_ENGINE_OK;
}

int invoke_many(void *object, const sgperf_value *args, uint32_t n_args, sgperf_value *results, uint32_t n_results,
                uint64_t times) {
  auto *function = static_cast<Function *>(object);
  Instance &instance = function->instance;
  const Engine &engine = instance.module.engine;
  JSContext *cx = instance.cx;
  if (int status =
          javascript::check_call(engine.host, function->name.c_str(), function->signature, args, n_args, n_results))
    return status;
  for (uint32_t i = 0; i < n_args; i++)
    if (!to_js(cx, args[i], function->values[i]))
      return engine.host.error(SGPERF_ENGINE_ERROR, "SpiderMonkey: %s", engine.context->take_exception().c_str());
  JS::RootedValue result(cx);
  auto values = JS::HandleValueArray::fromMarkedLocation(n_args, function->values.begin());
  Context::Call call;
  for (uint64_t i = 0; i < times; i++)
    if (!JS::Call(cx, JS::UndefinedHandleValue, function->object, values, &result))
      return javascript::finish(engine.host, instance.guest.world, function->name.c_str(), trap_of(engine), nullptr);
  if (times && !from_js(cx, result, function->signature.results, results))
    return engine.host.error(SGPERF_ENGINE_ERROR, "SpiderMonkey: %s", engine.context->take_exception().c_str());
  return SGPERF_ENGINE_OK;
}

sgperf_engine table = {
    sizeof(sgperf_engine),
    SGPERF_ENGINE_VERSION,
    SGPERF_ENGINE_CAP_INVOKE | SGPERF_ENGINE_CAP_SERIALIZE,
    "spidermonkey",
    "tier-up,baseline,ion",
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

} // namespace sgperf::spidermonkey

extern "C" __attribute__((visibility("default"))) const struct sgperf_engine *sgperf_engine_v1(uint32_t host_version) {
  return host_version >= SGPERF_ENGINE_VERSION ? &sgperf::spidermonkey::table : nullptr;
}
