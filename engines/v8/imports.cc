// SPDX-License-Identifier: Apache-2.0
#include "v8/imports.h"

#include "sgperf/sgperf.h"

#include <cstring>

namespace sgperf::v8_engine {

namespace {

using engine::Host;
using Info = v8::FunctionCallbackInfo<v8::Value>;

template <typename T> T *data(const Info &info) {
  return static_cast<T *>(info.Data().As<v8::External>()->Value());
}

void bench_start(const Info &info) {
  data<const Host>(info)->bench_start();
}
void bench_end(const Info &info) {
  data<const Host>(info)->bench_end();
}

// Neither an exception, which `catch_all` of a guest would catch, nor the request alone, which V8 would see only at the
// guest's next loop or call: code behind proc_exit is never run.
void leave(const Info &info) {
  World &world = *data<World::Binding>(info)->world;
  v8::Isolate *isolate = info.GetIsolate();
  world.exit_code = int(info[0].As<v8::Int32>()->Value());
  isolate->TerminateExecution();
  v8::Local<v8::Context> context = world.engine.local_context();
  if (!world.engine.safe_point.Get(isolate)->Call(context, v8::Undefined(isolate), 0, nullptr).IsEmpty())
    world.engine.host.warn("proc_exit: V8 did not stop the guest at once");
}

void wasi_call(const Info &info) {
  SGPERF_SCOPE("v8::import");
  const auto &[world, function, count] = *data<World::Binding>(info);
  uint64_t args[16];
  for (size_t i = 0; i < count; i++)
    args[i] = function->signature[i] == 'I' ? info[int(i)].As<v8::BigInt>()->Uint64Value()
                                            : uint32_t(info[int(i)].As<v8::Int32>()->Value());
  uint8_t *memory = nullptr;
  size_t size = 0;
  if (!world->memory.IsEmpty()) { // asked for anew each time: it moves when it grows
    v8::Local<v8::ArrayBuffer> buffer = strong(world->memory)->Buffer();
    memory = static_cast<uint8_t *>(buffer->Data());
    size = buffer->ByteLength();
  }
  info.GetReturnValue().Set(function->call(world->wasi, memory, size, args));
}

v8::Local<v8::Function> function_of(const javascript::Provided &import, World &world) {
  const Engine &engine = world.engine;
  auto function = [&](v8::FunctionCallback call, const void *with) {
    return v8::Function::New(engine.local_context(), call, v8::External::New(engine.isolate, const_cast<void *>(with)),
                             0, v8::ConstructorBehavior::kThrow)
        .ToLocalChecked();
  };
  if (import.by == javascript::Provider::bench_start) return function(bench_start, &engine.host);
  if (import.by == javascript::Provider::bench_end) return function(bench_end, &engine.host);
  const char *signature = import.function->signature;
  world.bindings.push_back({&world, import.function, size_t(std::strchr(signature, '>') - signature)});
  return function(import.by == javascript::Provider::proc_exit ? leave : wasi_call, &world.bindings.back());
}

v8::Local<v8::String> text(v8::Isolate *isolate, const std::string &utf8) {
  return v8::String::NewFromUtf8(isolate, utf8.data(), v8::NewStringType::kNormal, int(utf8.size())).ToLocalChecked();
}

} // namespace

int make_imports(const Module &module, World &world, v8::Local<v8::Object> &out) {
  const Engine &engine = module.engine;
  v8::Isolate *isolate = engine.isolate;
  v8::Local<v8::Context> context = engine.local_context();
  std::vector<javascript::Provided> imports;
  if (int status = javascript::provide_imports(engine.host, module.interface, imports)) return status;
  out = v8::Object::New(isolate);
  world.bindings.reserve(imports.size()); // pointers to them are kept
  for (const javascript::Provided &import : imports) {
    v8::Local<v8::String> name = text(isolate, import.module);
    v8::Local<v8::Value> fields;
    if (!out->Get(context, name).ToLocal(&fields) || !fields->IsObject()) {
      fields = v8::Object::New(isolate);
      out->Set(context, name, fields).Check();
    }
    fields.As<v8::Object>()->Set(context, text(isolate, import.field), function_of(import, world)).Check();
  }
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::v8_engine
