// SPDX-License-Identifier: Apache-2.0
// JavaScriptCore by its C API.  Options of the tier are the process's: the adapter has set them.
#include "bench/adapters/bare.h"
#include "jsc/jsc_api.h"

namespace sgperf::bench {
namespace {

using namespace sgperf::jsc;

class Jsc final : public Bare {
public:
  explicit Jsc(void *handle) {
    SGPERF_JSC_REQUIRED(SGPERF_BENCH_LOAD)
    SGPERF_JSC_OPTIONAL(SGPERF_BENCH_LOAD)
    context = api.JSGlobalContextCreate(nullptr);
    wasm = property(api.JSContextGetGlobalObject(context), "WebAssembly");
  }
  ~Jsc() override {
    if (function) api.JSValueUnprotect(context, function);
    drop();
    api.JSGlobalContextRelease(context);
  }
  bool compile(uint8_t *bytes, size_t size) override {
    JSValueRef exception = nullptr;
    const JSValueRef buffer = api.JSObjectMakeArrayBufferWithBytesNoCopy(
        context, bytes, size, [](void *, void *) {}, nullptr, &exception);
    module = api.JSObjectCallAsConstructor(context, property(wasm, "Module"), 1, &buffer, &exception);
    if (!module || exception) return module = nullptr, fail("new WebAssembly.Module threw");
    api.JSValueProtect(context, module);
    return true;
  }
  void drop() override {
    if (module) api.JSValueUnprotect(context, module);
    module = nullptr;
    // As the adapter does: what a compilation finds of an earlier one decides about a percent or two.
    if (api.JSSynchronousGarbageCollectForDebugging) api.JSSynchronousGarbageCollectForDebugging(context);
  }
  bool instantiate() override {
    JSValueRef exception = nullptr;
    const JSValueRef given = module;
    JSObjectRef instance = api.JSObjectCallAsConstructor(context, property(wasm, "Instance"), 1, &given, &exception);
    if (!instance || exception) return fail("new WebAssembly.Instance threw");
    function = property(property(instance, "exports"), "f");
    if (!function) return fail("no function f");
    api.JSValueProtect(context, function);
    return true;
  }
  bool call(uint64_t times) override {
    // Each call takes the engine's lock, or has it: 137 ns or 108, whoever calls.
    const bool lock = api.JSLock && api.JSUnlock;
    if (lock) api.JSLock(context);
    JSValueRef exception = nullptr;
    for (uint64_t i = 0; i < times && !exception; ++i)
      api.JSObjectCallAsFunction(context, function, nullptr, 0, nullptr, &exception);
    if (lock) api.JSUnlock(context);
    return !exception || fail("the call threw");
  }

private:
  JSObjectRef property(JSObjectRef object, const char *name) {
    JSStringRef text = api.JSStringCreateWithUTF8CString(name);
    JSValueRef exception = nullptr;
    const JSValueRef value = api.JSObjectGetProperty(context, object, text, &exception);
    api.JSStringRelease(text);
    return exception || !api.JSValueIsObject(context, value) ? nullptr : const_cast<JSObjectRef>(value);
  }
  Api api;
  JSContextRef context = nullptr;
  JSObjectRef wasm = nullptr, module = nullptr, function = nullptr;
};

} // namespace

std::unique_ptr<Bare> make_jsc(const Opened &opened, std::string &error) {
  void *handle = open_again(opened.library, error);
  return handle ? std::make_unique<Jsc>(handle) : nullptr;
}

} // namespace sgperf::bench
