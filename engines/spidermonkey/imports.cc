// SPDX-License-Identifier: Apache-2.0
#include "spidermonkey/imports.h"

#include "sgperf/sgperf.h"

#include <js/ArrayBuffer.h>
#include <js/BigInt.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>
#include <jsfriendapi.h>

namespace sgperf::spidermonkey {

uint8_t *GuestMemory::bytes(size_t &size) {
  size = 0;
  if (!memory_) return nullptr;
  bool shared = false;
  uint8_t *data = nullptr;
  if (buffer_) JS::GetArrayBufferLengthAndData(buffer_, &size, &shared, &data);
  if (size) return data;
  JS::RootedValue buffer(cx_);
  if (!JS_GetProperty(cx_, memory_, "buffer", &buffer) || !buffer.isObject() ||
      !JS::IsArrayBufferObject(&buffer.toObject())) {
    JS_ClearPendingException(cx_); // a shared memory: its guest's pointers are all out of range
    return nullptr;
  }
  buffer_ = &buffer.toObject();
  JS::GetArrayBufferLengthAndData(buffer_, &size, &shared, &data);
  return data;
}

namespace {

const Binding &binding_of(const JS::CallArgs &args) {
  return *static_cast<const Binding *>(js::GetFunctionNativeReserved(&args.callee(), 0).toPrivate());
}

bool start(JSContext *, unsigned argc, JS::Value *vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  const engine::Host &host = *binding_of(args).host; // the result takes the callee's place
  args.rval().setUndefined();
  host.bench_start(); // last: what comes before it is not the guest's
  return true;
}

bool end(JSContext *, unsigned argc, JS::Value *vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  binding_of(args).host->bench_end();
  args.rval().setUndefined();
  return true;
}

// false without a pending exception: unwinds the guest's frames, and nothing in the guest can catch it.
bool leave(JSContext *, unsigned argc, JS::Value *vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  binding_of(args).guest->world.exit_code = args[0].toInt32();
  return false;
}

bool wasi_call(JSContext *, unsigned argc, JS::Value *vp) {
  SGPERF_SCOPE("spidermonkey::import");
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  const Binding &binding = binding_of(args);
  uint64_t values[16];
  // An i32 always comes as an int32, and all of them: the types were compared when the module was instantiated.
  for (size_t i = 0; i < binding.params.size(); i++)
    values[i] = binding.params[i] == 'I' ? JS::ToBigUint64(args[unsigned(i)].toBigInt())
                                         : uint32_t(args[unsigned(i)].toInt32());
  size_t size;
  uint8_t *memory = binding.guest->memory.bytes(size);
  uint32_t code = binding.provided.function->call(binding.guest->world.wasi, memory, size, values);
  args.rval().setInt32(int32_t(code));
  return true;
}

JSNative native(javascript::Provider by) {
  switch (by) {
  case javascript::Provider::bench_start:
    return start;
  case javascript::Provider::bench_end:
    return end;
  case javascript::Provider::proc_exit:
    return leave;
  case javascript::Provider::wasi:
    break;
  }
  return wasi_call;
}

// imports[module], made at first use.
bool module_object(JSContext *cx, JS::HandleObject imports, const char *module, JS::MutableHandleObject out) {
  JS::RootedValue value(cx);
  if (!JS_GetProperty(cx, imports, module, &value)) return false;
  if (value.isObject()) {
    out.set(&value.toObject());
    return true;
  }
  out.set(JS_NewPlainObject(cx));
  return out && JS_DefineProperty(cx, imports, module, out, JSPROP_ENUMERATE);
}

} // namespace

JSObject *make_imports(JSContext *cx, const engine::Host &host, const std::vector<javascript::Provided> &provided,
                       Guest &guest) {
  JS::RootedObject imports(cx, JS_NewPlainObject(cx)), module(cx), function(cx);
  if (!imports) return nullptr;
  for (const javascript::Provided &item : provided) {
    auto binding = std::make_unique<Binding>(Binding{&guest, &host, item, {}});
    if (item.function) binding->params = std::string(item.function->signature, strchr(item.function->signature, '>'));
    JSFunction *made =
        js::NewFunctionWithReserved(cx, native(item.by), unsigned(binding->params.size()), 0, item.field.c_str());
    if (!made) return nullptr;
    function = JS_GetFunctionObject(made);
    js::SetFunctionNativeReserved(function, 0, JS::PrivateValue(binding.get()));
    guest.bindings.push_back(std::move(binding));
    if (!module_object(cx, imports, item.module.c_str(), &module) ||
        !JS_DefineProperty(cx, module, item.field.c_str(), function, JSPROP_ENUMERATE))
      return nullptr;
  }
  return imports;
}

} // namespace sgperf::spidermonkey
