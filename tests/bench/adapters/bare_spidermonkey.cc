// SPDX-License-Identifier: Apache-2.0
// SpiderMonkey by its C++ API.  A thread has one context, and the adapter's is on the caller's: this one lives on a
// thread of its own, which is handed each step and times calls itself.
#include "bench/adapters/bare.h"

#include <js/ArrayBuffer.h>
#include <js/CallAndConstruct.h>
#include <js/ContextOptions.h>
#include <js/GlobalObject.h>
#include <js/Initialization.h>
#include <js/PropertyAndElement.h>
#include <js/RealmOptions.h>
#include <js/ValueArray.h>
#include <jsapi.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace sgperf::bench {
namespace {

const JSClass global_class = {"global", JSCLASS_GLOBAL_FLAGS, &JS::DefaultGlobalClassOps, nullptr, nullptr, nullptr};

// What lives on the thread.
struct World {
  World(JSContext *cx, const std::string &tier)
      : cx(cx), global(cx), webassembly(cx), module(cx), instance(cx), function(cx) {
    JS::ContextOptionsRef(cx).setWasmBaseline(tier != "ion").setWasmIon(tier != "baseline");
    JS::RealmOptions options;
    if (!JS::InitSelfHostedCode(cx)) return;
    global = JS_NewGlobalObject(cx, &global_class, nullptr, JS::FireOnNewGlobalHook, options);
    if (!global) return;
    JS::EnterRealm(cx, global);
    JS::RootedValue found(cx);
    if (JS_GetProperty(cx, global, "WebAssembly", &found) && found.isObject()) webassembly = &found.toObject();
  }
  bool construct(const char *name, JS::HandleObject argument, JS::MutableHandleObject out) {
    JS::RootedValue constructor(cx);
    JS::RootedValueArray<1> arguments(cx);
    arguments[0].setObject(*argument);
    return JS_GetProperty(cx, webassembly, name, &constructor) && JS::Construct(cx, constructor, arguments, out);
  }
  JSContext *cx;
  JS::PersistentRootedObject global, webassembly, module, instance;
  JS::PersistentRootedValue function;
};

class SpiderMonkey final : public Bare {
public:
  explicit SpiderMonkey(const std::string &tier) : thread_([this, tier] { serve(tier); }) {
    on_thread([] { return true; });
  }
  ~SpiderMonkey() override { thread_.detach(); } // the process is about to end

  bool started() const { return world_ && world_->webassembly; }
  bool compile(uint8_t *bytes, size_t size) override {
    return on_thread([=, this] {
      JSContext *cx = world_->cx;
      JS::RootedObject buffer(cx, JS::NewArrayBufferWithUserOwnedContents(cx, size, bytes)), made(cx);
      const bool good = buffer && world_->construct("Module", buffer, &made);
      if (buffer) JS::DetachArrayBuffer(cx, buffer);
      world_->module = made;
      return good || fail("new WebAssembly.Module threw");
    });
  }
  void drop() override {
    on_thread([this] {
      world_->module = nullptr;
      JS_GC(world_->cx);
      return true;
    });
  }
  bool instantiate() override {
    return on_thread([this] {
      JSContext *cx = world_->cx;
      JS::RootedObject made(cx), exports(cx);
      JS::RootedValue found(cx);
      if (!world_->construct("Instance", world_->module, &made) || !JS_GetProperty(cx, made, "exports", &found))
        return fail("new WebAssembly.Instance threw");
      world_->instance = made;
      exports = &found.toObject();
      return (JS_GetProperty(cx, exports, "f", &world_->function) && world_->function.isObject()) ||
             fail("no function f");
    });
  }
  bool call(uint64_t times) override { // on the thread
    JSContext *cx = world_->cx;
    JS::RootedValue result(cx);
    for (uint64_t i = 0; i < times; ++i)
      if (!JS::Call(cx, JS::UndefinedHandleValue, world_->function, JS::HandleValueArray::empty(), &result))
        return fail("the call threw");
    return true;
  }
  uint64_t time_call(uint64_t times) override {
    uint64_t took = 0;
    on_thread([&, this] { return (took = Bare::time_call(times)) > 0; });
    return took;
  }

private:
  void serve(const std::string &tier) {
    JSContext *cx = JS_NewContext(JS::DefaultHeapMaxBytes);
    if (cx) world_.emplace(cx, tier);
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return static_cast<bool>(work_); });
      result_ = work_();
      work_ = nullptr;
      changed_.notify_all();
    }
  }
  bool on_thread(std::function<bool()> work) {
    std::unique_lock lock(mutex_);
    work_ = std::move(work);
    changed_.notify_all();
    changed_.wait(lock, [this] { return !work_; });
    return result_;
  }

  std::optional<World> world_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<bool()> work_;
  bool result_ = false;
  std::thread thread_; // last: it uses the others
};

} // namespace

extern "C" __attribute__((visibility("default"))) Bare *sgperf_bench_make_bare(const Opened &opened,
                                                                               std::string &error) {
  auto bare = std::make_unique<SpiderMonkey>(opened.tier);
  if (bare->started()) return bare.release();
  error = "a second context has no WebAssembly";
  return nullptr;
}

} // namespace sgperf::bench
