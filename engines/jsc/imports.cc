// SPDX-License-Identifier: Apache-2.0
#include "jsc/imports.h"

#include "sgperf/sgperf.h"

#include <array>
#include <utility>

namespace sgperf::jsc {

uint8_t *GuestMemory::bytes(size_t &size) {
  size = 0;
  if (!memory_.get()) return nullptr;
  const Api &api = context_.api;
  if (view_.get()) size = api.JSObjectGetTypedArrayByteLength(context_.js, view_.get(), nullptr);
  if (!size) {
    JSObjectRef buffer = context_.object_property(memory_.get(), "buffer");
    JSObjectRef array = context_.object_property(api.JSContextGetGlobalObject(context_.js), "Uint8Array");
    JSValueRef argument = buffer, exception = nullptr;
    view_ = buffer && array ? api.JSObjectCallAsConstructor(context_.js, array, 1, &argument, &exception) : nullptr;
    if (!view_.get()) return nullptr;
    size = api.JSObjectGetTypedArrayByteLength(context_.js, view_.get(), nullptr);
    data_ = static_cast<uint8_t *>(api.JSObjectGetTypedArrayBytesPtr(context_.js, view_.get(), nullptr));
  }
  return data_;
}

namespace {

JSValueRef start(JSContextRef js, JSObjectRef, JSObjectRef, size_t, const JSValueRef[], JSValueRef *) {
  JSValueRef result = Running::current->context.api.JSValueMakeUndefined(js);
  Running::current->host.bench_start(); // last: what comes before it is not the guest's
  return result;
}

JSValueRef end(JSContextRef js, JSObjectRef, JSObjectRef, size_t, const JSValueRef[], JSValueRef *) {
  Running::current->host.bench_end();
  return Running::current->context.api.JSValueMakeUndefined(js);
}

// The API has no exception that a guest cannot catch: one that was compiled with catch_all would go on.
JSValueRef leave(JSContextRef js, JSObjectRef, JSObjectRef, size_t, const JSValueRef values[], JSValueRef *exception) {
  const Api &api = Running::current->context.api;
  Running::current->world.exit_code = api.JSValueToInt32(js, values[0], nullptr);
  *exception = api.JSValueMakeUndefined(js);
  return *exception;
}

JSValueRef wasi_call(const sgperf_wasi_function &function, JSContextRef js, const JSValueRef values[]) {
  SGPERF_SCOPE("jsc::import");
  Guest &guest = *Running::current;
  const Api &api = guest.context.api;
  Lock lock(guest.context);
  uint64_t args[16];
  const char *type = function.signature;
  for (size_t i = 0; *type != '>'; i++, type++)
    args[i] = *type == 'I' ? api.JSValueToUInt64(js, values[i], nullptr)
                           : uint32_t(api.JSValueToInt32(js, values[i], nullptr));
  size_t size;
  uint8_t *memory = guest.memory.bytes(size);
  uint32_t code = function.call(guest.world.wasi, memory, size, args);
  return api.JSValueMakeNumber(js, double(int32_t(code)));
}

#define SGPERF_JSC_COUNT(name, signature, ...) +1
constexpr size_t wasi_count = 0 SGPERF_WASI_FUNCTIONS(SGPERF_JSC_COUNT);
#undef SGPERF_JSC_COUNT

// A callback for each function of the shim's table, which is where it learns which one it is.
template <size_t at>
JSValueRef callback(JSContextRef js, JSObjectRef, JSObjectRef, size_t, const JSValueRef values[], JSValueRef *) {
  return wasi_call(sgperf_wasi_functions(nullptr)[at], js, values);
}
template <size_t... at> constexpr std::array<Callback, wasi_count> make_callbacks(std::index_sequence<at...>) {
  return {callback<at>...};
}
constexpr std::array<Callback, wasi_count> callbacks = make_callbacks(std::make_index_sequence<wasi_count>());

Callback callback_of(const javascript::Provided &item) {
  switch (item.by) {
  case javascript::Provider::bench_start:
    return start;
  case javascript::Provider::bench_end:
    return end;
  case javascript::Provider::proc_exit:
    return leave;
  case javascript::Provider::wasi:
    break;
  }
  return callbacks[size_t(item.function - sgperf_wasi_functions(nullptr))];
}

} // namespace

JSObjectRef make_imports(const Context &context, const std::vector<javascript::Provided> &provided) {
  JSObjectRef imports = context.api.JSObjectMake(context.js, nullptr, nullptr);
  for (const javascript::Provided &item : provided) {
    JSObjectRef module = context.object_property(imports, item.module.c_str());
    if (!module) {
      module = context.api.JSObjectMake(context.js, nullptr, nullptr);
      context.set(imports, item.module.c_str(), module);
    }
    context.set(module, item.field.c_str(), context.make_function(item.field.c_str(), callback_of(item)));
  }
  return imports;
}

} // namespace sgperf::jsc
