// SPDX-License-Identifier: Apache-2.0
// Instances and calls.
#include "adapter/shim.h"
#include "sgperf/sgperf.h"
#include "v8/imports.h"

namespace sgperf::v8_engine {

namespace {

using engine::Host;

constexpr size_t max_values = 32; // no allocation in invoke_many()

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

constexpr javascript::TrapName traps[] = {
    {"memory access out of bounds", "out of bounds access"},
    {"data segment is out of bounds", "out of bounds access"},
    {"table index is out of bounds", "undefined element"},
    {"table access out of bounds", "out of bounds table access"},
    {"Maximum call stack size exceeded", "call stack exhausted"},
    {"unreachable", "unreachable"},
    {"divide by zero", "integer divide by zero"},
    {"remainder by zero", "integer divide by zero"},
    {"divide result unrepresentable", "integer overflow"},
    {"float unrepresentable in integer range", "integer overflow or invalid conversion to integer"},
    {"null function or function signature mismatch", "uninitialized element or indirect call type mismatch"},
};

// How a call into the guest ended that gave no value.
int finish(Instance &instance, const char *what, const std::string &exception, int *exit_code) {
  const Engine &engine = instance.module.engine;
  std::string why;
  if (instance.world.exit_code)
    engine.isolate->CancelTerminateExecution();
  else
    why = javascript::named_trap(traps, exception);
  return javascript::finish(engine.host, instance.world, what, why, exit_code);
}

v8::Local<v8::String> text(v8::Isolate *isolate, const char *utf8) {
  return v8::String::NewFromUtf8(isolate, utf8).ToLocalChecked();
}

int find_function(const Instance &instance, const char *name, engine::Signature &signature,
                  v8::Local<v8::Function> &out) {
  const Engine &engine = instance.module.engine;
  if (int status = javascript::find_function(engine.host, instance.module.interface, name, signature)) return status;
  v8::Local<v8::Value> value;
  if (!instance.exports.Get(engine.isolate)->Get(engine.local_context(), text(engine.isolate, name)).ToLocal(&value) ||
      !value->IsFunction())
    return engine.host.error(SGPERF_ENGINE_ERROR, "'%s' is exported, but V8 gives no function for it", name);
  out = value.As<v8::Function>();
  return SGPERF_ENGINE_OK;
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
  v8::Local<v8::Context> context = strong(engine.context);
  v8::Local<v8::Object> imports, made;
  v8::Local<v8::Value> exports;
  host.begin(SGPERF_REGION_INSTANTIATE);
  if (int status = make_imports(*module, instance->world, imports)) return status;
  v8::Local<v8::Value> arguments[] = {module->object.Get(isolate), imports};
  if (!engine.instance_constructor.Get(isolate)->NewInstance(context, 2, arguments).ToLocal(&made)) {
    const std::string why = message(engine, attempt);
    if (!instance->world.exit_code && why.starts_with("LinkError"))
      return host.error(SGPERF_ENGINE_IMPORT, "cannot instantiate: %s", why.c_str());
    const int status = finish(*instance, "start function", why, nullptr);
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
  v8::Local<v8::Context> context = strong(engine.context);
  v8::Local<v8::Function> start;
  engine::Signature signature;
  if (int status = find_function(*instance, "_start", signature, start)) return status;
  v8::MaybeLocal<v8::Value> result;
  host.begin(SGPERF_REGION_CALL);
  {
    SGPERF_SCOPE("guest::_start");
    result = start->Call(context, v8::Undefined(isolate), 0, nullptr);
  }
  const bool success = !result.IsEmpty() || (instance->world.exit_code && *instance->world.exit_code == 0);
  if (success) host.end(SGPERF_REGION_CALL);
  if (result.IsEmpty()) return finish(*instance, "_start", message(engine, attempt), exit_code);
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
  v8::HandleScope handles(engine.isolate);
  v8::TryCatch attempt(engine.isolate);
  v8::Local<v8::Function> found;
  auto function = std::make_unique<Function>();
  function->instance = instance;
  function->name = name;
  if (int status = find_function(*instance, name, function->signature, found)) return status;
  const engine::Signature &types = function->signature;
  if (types.params.size() > max_values)
    return engine.host.error(SGPERF_ENGINE_UNSUPPORTED, "'%s' has %zu parameters, expected at most %zu", name,
                             types.params.size(), max_values);
  function->function.Reset(engine.isolate, found);
  *n_params = uint32_t(types.params.size());
  *n_results = uint32_t(types.results.size());
  *out = function.get();
  instance->functions.push_back(std::move(function));
  return SGPERF_ENGINE_OK;
}

namespace {

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

int take_results(const Function &function, v8::Local<v8::Context> context, v8::Local<v8::Value> result,
                 sgperf_value *results) {
  const std::string &types = function.signature.results;
  if (types.size() == 1) {
    from_value(types[0], result, results[0]);
    return SGPERF_ENGINE_OK;
  }
  for (uint32_t i = 0; i < types.size(); i++) { // an array
    v8::Local<v8::Value> item;
    if (!result.As<v8::Object>()->Get(context, i).ToLocal(&item))
      return function.instance->module.engine.host.error(SGPERF_ENGINE_ERROR, "'%s': result %u is missing",
                                                         function.name.c_str(), i);
    from_value(types[i], item, results[i]);
  }
  return SGPERF_ENGINE_OK;
}

} // namespace

int invoke_many(void *object, const sgperf_value *args, uint32_t n_args, sgperf_value *results, uint32_t n_results,
                uint64_t times) {
  auto *function = static_cast<Function *>(object);
  const Engine &engine = function->instance->module.engine;
  const Host &host = engine.host;
  if (int status = javascript::check_call(host, function->name.c_str(), function->signature, args, n_args, n_results))
    return status;
  v8::Isolate *isolate = engine.isolate;
  v8::HandleScope handles(isolate);
  alignas(v8::Local<v8::Value>) char room[max_values * sizeof(v8::Local<v8::Value>)]; // not filled with nothing
  auto *values = reinterpret_cast<v8::Local<v8::Value> *>(room);
  for (uint32_t i = 0; i < n_args; i++) new (&values[i]) v8::Local<v8::Value>(to_value(isolate, args[i]));
  v8::Local<v8::Context> context = strong(engine.context);
  v8::Local<v8::Function> callee = strong(function->function);
  for (uint64_t i = 0; i < times; i++) {
    v8::HandleScope inner(isolate); // else each result stays a root until the last call
    v8::Local<v8::Value> result;
    if (!callee->Call(context, v8::Undefined(isolate), int(n_args), values).ToLocal(&result))
      return finish(*function->instance, function->name.c_str(), engine.uncaught, nullptr);
    if (i + 1 < times) continue;
    if (int status = take_results(*function, context, result, results)) return status;
  }
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::v8_engine
