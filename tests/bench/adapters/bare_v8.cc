// SPDX-License-Identifier: Apache-2.0
// V8 by its C++ API.  The adapter has started V8, which happens once a process; this is an isolate of its own beside
// the adapter's, entered for each step.
#include "bench/adapters/bare.h"

#include <v8.h>

namespace sgperf::bench {
namespace {

class V8 final : public Bare {
public:
  V8() : allocator(v8::ArrayBuffer::Allocator::NewDefaultAllocator()) {
    v8::Isolate::CreateParams params;
    params.array_buffer_allocator = allocator.get();
    isolate = v8::Isolate::New(params);
    const v8::Isolate::Scope inside(isolate);
    const v8::HandleScope handles(isolate);
    context.Reset(isolate, v8::Context::New(isolate));
  }
  // The isolate stays: it cannot be disposed of while another one's frames are on the stack.

  // V8 hands out again what it has compiled of the same bytes, so every module gets a custom section of its own.
  void prepare(std::vector<uint8_t> &bytes) override {
    const uint8_t number = ++prepared;
    const uint8_t mark[] = {0, 6, 4, 'b', 'a', 'r', 'e', number};
    bytes.insert(bytes.end(), std::begin(mark), std::end(mark));
  }
  bool compile(uint8_t *bytes, size_t size) override {
    const v8::Isolate::Scope inside(isolate);
    const v8::HandleScope handles(isolate);
    const v8::Context::Scope in_context(context.Get(isolate));
    v8::Local<v8::WasmModuleObject> made;
    if (!v8::WasmModuleObject::Compile(isolate, {bytes, size}).ToLocal(&made)) return fail("Compile failed");
    module.Reset(isolate, made);
    return true;
  }
  void drop() override {
    const v8::Isolate::Scope inside(isolate);
    module.Reset();
    isolate->LowMemoryNotification();
  }
  bool instantiate() override {
    const v8::Isolate::Scope inside(isolate);
    const v8::HandleScope handles(isolate);
    const v8::Local<v8::Context> here = context.Get(isolate);
    const v8::Context::Scope in_context(here);
    const char *const text = "(module) => new WebAssembly.Instance(module).exports.f";
    v8::Local<v8::Script> script;
    v8::Local<v8::Value> maker, found, given = module.Get(isolate);
    if (!v8::Script::Compile(here, v8::String::NewFromUtf8(isolate, text).ToLocalChecked()).ToLocal(&script) ||
        !script->Run(here).ToLocal(&maker) ||
        !maker.As<v8::Function>()->Call(here, v8::Undefined(isolate), 1, &given).ToLocal(&found) ||
        !found->IsFunction())
      return fail("no function f");
    function.Reset(isolate, found.As<v8::Function>());
    return true;
  }
  bool call(uint64_t times) override {
    const v8::Isolate::Scope inside(isolate);
    const v8::HandleScope handles(isolate);
    const v8::Local<v8::Context> here = context.Get(isolate);
    const v8::Context::Scope in_context(here);
    const v8::Local<v8::Function> callee = function.Get(isolate);
    for (uint64_t i = 0; i < times; ++i) {
      const v8::HandleScope one(isolate); // of the result
      v8::Local<v8::Value> result;
      if (!callee->Call(here, v8::Undefined(isolate), 0, nullptr).ToLocal(&result)) return fail("the call threw");
    }
    return true;
  }

private:
  std::unique_ptr<v8::ArrayBuffer::Allocator> allocator;
  v8::Isolate *isolate = nullptr;
  v8::Global<v8::Context> context;
  v8::Global<v8::WasmModuleObject> module;
  v8::Global<v8::Function> function;
  uint8_t prepared = 0;
};

} // namespace

extern "C" __attribute__((visibility("default"))) Bare *sgperf_bench_make_bare(const Opened &, std::string &) {
  return new V8;
}

} // namespace sgperf::bench
