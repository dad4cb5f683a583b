// SPDX-License-Identifier: Apache-2.0
// Instances and calls.
#include "adapter/shim.h"
#include "sgperf/sgperf.h"
#include "v8/imports.h"

namespace sgperf::v8_engine {

namespace {

using engine::Host;

constexpr size_t max_values = 32; // no allocation in invoke()

struct Function {
  struct Instance *instance;
  std::string name;
  engine::Signature signature;
  v8::Global<v8::Function> function;
};

struct Instance {
  explicit Instance(Module &module) : module(module), world(module.engine) {}
  Module &module;
  World world;
  v8::Global<v8::Object> exports;
  std::vector<std::unique_ptr<Function>> functions;
};

// How a call into the guest ended that gave no value.
int finish(Instance &instance, const char *what, const v8::TryCatch &attempt, int *exit_code) {
  const Engine &engine = instance.module.engine;
  const Host &host = engine.host;
  if (instance.world.exit_code) {
    const int code = *instance.world.exit_code;
    instance.world.exit_code.reset();
    engine.isolate->CancelTerminateExecution();
    if (exit_code) *exit_code = code;
    return code ? host.error(SGPERF_ENGINE_EXIT, "%s: the guest left with code %d", what, code) : SGPERF_ENGINE_OK;
  }
  std::string why = message(engine, attempt);
  if (why.find("Maximum call stack size exceeded") != std::string::npos) why = "call stack exhausted (" + why + ")";
  return host.error(SGPERF_ENGINE_TRAP, "%s: the guest trapped: %s", what, why.c_str());
}

v8::Local<v8::String> text(v8::Isolate *isolate, const char *utf8) {
  return v8::String::NewFromUtf8(isolate, utf8).ToLocalChecked();
}

v8::MaybeLocal<v8::Function> find_function(const Instance &instance, const char *name) {
  const Engine &engine = instance.module.engine;
  v8::Local<v8::Value> value;
  if (!instance.exports.Get(engine.isolate)->Get(engine.local_context(), text(engine.isolate, name)).ToLocal(&value) ||
      !value->IsFunction())
    return {};
  return value.As<v8::Function>();
}

// Which export of the module is its memory: what WASI's functions work on.
void find_memory(Instance &instance) {
  const Engine &engine = instance.module.engine;
  for (const engine::Export &item : instance.module.interface.exports) {
    v8::Local<v8::Value> value;
    if (item.kind != 2 || !instance.exports.Get(engine.isolate)
                               ->Get(engine.local_context(), text(engine.isolate, item.name.c_str()))
                               .ToLocal(&value))
      continue;
    instance.world.memory.Reset(engine.isolate, value.As<v8::WasmMemoryObject>());
    return;
  }
}

} // namespace

int instantiate(void *object, void **out) {
  SGPERF_SCOPE("v8::instantiate");
  auto *module = static_cast<Module *>(object);
  Engine &engine = module->engine;
  const Host &host = engine.host;
  v8::Isolate *isolate = engine.isolate;
  auto instance = std::make_unique<Instance>(*module);
  if (int status = engine::open_shim(host, &instance->world.wasi)) return status;
  v8::HandleScope handles(isolate);
  v8::TryCatch attempt(isolate);
  v8::Local<v8::Context> context = engine.local_context();
  v8::Local<v8::Object> imports, made;
  v8::Local<v8::Value> exports;
  host.begin(SGPERF_REGION_INSTANTIATE);
  if (int status = make_imports(*module, instance->world, imports)) return status;
  v8::Local<v8::Value> arguments[] = {module->object.Get(isolate), imports};
  if (!engine.instance_constructor.Get(isolate)->NewInstance(context, 2, arguments).ToLocal(&made)) {
    const std::string why = message(engine, attempt);
    if (!instance->world.exit_code && why.starts_with("LinkError"))
      return host.error(SGPERF_ENGINE_IMPORT, "cannot instantiate: %s", why.c_str());
    const int status = finish(*instance, "start function", attempt, nullptr);
    return status ? status
                  : host.error(SGPERF_ENGINE_ERROR, "start function: the guest left before there was an instance");
  }
  if (!made->Get(context, text(isolate, "exports")).ToLocal(&exports))
    return host.error(SGPERF_ENGINE_ERROR, "the instance has no exports: %s", message(engine, attempt).c_str());
  instance->exports.Reset(isolate, exports.As<v8::Object>());
  find_memory(*instance);
  host.end(SGPERF_REGION_INSTANTIATE);
  *out = instance.release();
  return SGPERF_ENGINE_OK;
}

int execute(void *object, int *exit_code) {
  SGPERF_SCOPE("v8::execute");
  auto *instance = static_cast<Instance *>(object);
  const Engine &engine = instance->module.engine;
  const Host &host = engine.host;
  v8::Isolate *isolate = engine.isolate;
  v8::HandleScope handles(isolate);
  v8::TryCatch attempt(isolate);
  v8::Local<v8::Context> context = engine.local_context();
  v8::Local<v8::Function> start;
  if (!find_function(*instance, "_start").ToLocal(&start))
    return host.error(SGPERF_ENGINE_NOT_FOUND,
                      "the module exports no function _start; build a WASI command, or name an exported "
                      "function to call");
  v8::MaybeLocal<v8::Value> result;
  host.begin(SGPERF_REGION_CALL);
  {
    SGPERF_SCOPE("guest::_start");
    result = start->Call(context, v8::Undefined(isolate), 0, nullptr);
  }
  const bool success = !result.IsEmpty() || (instance->world.exit_code && *instance->world.exit_code == 0);
  if (success) host.end(SGPERF_REGION_CALL);
  if (result.IsEmpty()) return finish(*instance, "_start", attempt, exit_code);
  if (exit_code) *exit_code = 0;
  return SGPERF_ENGINE_OK;
}

void free_instance(void *object) {
  auto *instance = static_cast<Instance *>(object);
  if (!instance) return;
  Engine &engine = instance->module.engine;
  delete instance;
  collect(engine);
}

// ---- exported functions

int resolve(void *object, const char *name, void **out, uint32_t *n_params, uint32_t *n_results) {
  auto *instance = static_cast<Instance *>(object);
  const Engine &engine = instance->module.engine;
  const Host &host = engine.host;
  v8::HandleScope handles(engine.isolate);
  v8::TryCatch attempt(engine.isolate);
  v8::Local<v8::Function> found;
  if (!find_function(*instance, name).ToLocal(&found))
    return host.error(SGPERF_ENGINE_NOT_FOUND, "the module exports no function '%s'", name);
  auto function = std::make_unique<Function>();
  function->instance = instance;
  function->name = name;
  for (const engine::Export &item : instance->module.interface.exports)
    if (item.kind == 0 && item.name == name) function->signature = item.signature;
  const engine::Signature &types = function->signature;
  if (types.text().find('?') != std::string::npos || types.params.size() > max_values ||
      types.results.size() > max_values)
    return host.error(SGPERF_ENGINE_UNSUPPORTED,
                      "'%s' has other parameters or results than i32, i64, f32, f64 (or more than %zu)", name,
                      max_values);
  function->function.Reset(engine.isolate, found);
  *n_params = uint32_t(types.params.size());
  *n_results = uint32_t(types.results.size());
  *out = function.get();
  instance->functions.push_back(std::move(function));
  return SGPERF_ENGINE_OK;
}

namespace {

constexpr char letters[] = "iIfF"; // by kind

v8::Local<v8::Value> to_value(v8::Isolate *isolate, const sgperf_value &value) {
  switch (value.kind) {
  case 0:
    return v8::Integer::New(isolate, value.of.i32);
  case 1:
    return v8::BigInt::New(isolate, value.of.i64);
  case 2:
    return v8::Number::New(isolate, double(value.of.f32));
  default:
    return v8::Number::New(isolate, value.of.f64);
  }
}

void from_value(char letter, v8::Local<v8::Value> value, sgperf_value &out) {
  switch (letter) {
  case 'i':
    out.kind = 0;
    out.of.i32 = value.As<v8::Int32>()->Value();
    break;
  case 'I':
    out.kind = 1;
    out.of.i64 = value.As<v8::BigInt>()->Int64Value();
    break;
  case 'f':
    out.kind = 2;
    out.of.f32 = float(value.As<v8::Number>()->Value());
    break;
  default:
    out.kind = 3;
    out.of.f64 = value.As<v8::Number>()->Value();
    break;
  }
}

} // namespace

int invoke(void *object, const sgperf_value *args, uint32_t n_args, sgperf_value *results, uint32_t n_results) {
  auto *function = static_cast<Function *>(object);
  const Engine &engine = function->instance->module.engine;
  const Host &host = engine.host;
  const std::string &params = function->signature.params, &types = function->signature.results;
  if (n_args != params.size() || n_results < types.size())
    return host.error(SGPERF_ENGINE_ERROR, "'%s' takes %zu values and gives %zu: found %u and room for %u",
                      function->name.c_str(), params.size(), types.size(), n_args, n_results);
  v8::Isolate *isolate = engine.isolate;
  v8::HandleScope handles(isolate);
  v8::TryCatch attempt(isolate);
  v8::Local<v8::Value> values[max_values], result;
  for (uint32_t i = 0; i < n_args; i++) {
    if (args[i].kind > 3 || letters[args[i].kind] != params[i])
      return host.error(SGPERF_ENGINE_ERROR,
                        "'%s': argument %u has kind %u, expected that of %c (0 i32, 1 i64, 2 f32, "
                        "3 f64; letters i I f F)",
                        function->name.c_str(), i, args[i].kind, params[i]);
    values[i] = to_value(isolate, args[i]);
  }
  v8::Local<v8::Context> context = engine.local_context();
  if (!function->function.Get(isolate)->Call(context, v8::Undefined(isolate), int(n_args), values).ToLocal(&result))
    return finish(*function->instance, function->name.c_str(), attempt, nullptr);
  if (types.size() == 1) {
    from_value(types[0], result, results[0]);
    return SGPERF_ENGINE_OK;
  }
  for (uint32_t i = 0; i < types.size(); i++) { // an array
    v8::Local<v8::Value> item;
    if (!result.As<v8::Object>()->Get(context, i).ToLocal(&item))
      return host.error(SGPERF_ENGINE_ERROR, "'%s': result %u is missing", function->name.c_str(), i);
    from_value(types[i], item, results[i]);
  }
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::v8_engine
