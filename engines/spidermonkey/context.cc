// SPDX-License-Identifier: Apache-2.0
#include "spidermonkey/context.h"

#include "spidermonkey/encoding.h"
#include "spidermonkey/flags.h"

#include <js/ContextOptions.h>
#include <js/Exception.h>
#include <js/GlobalObject.h>
#include <js/Initialization.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>
#include <js/Stack.h>

#include <algorithm>
#include <cstdlib>
#include <pthread.h>
#include <vector>

namespace sgperf::spidermonkey {

namespace {

// For the end of the process: contexts that are alive, and how many calls into them are on the stack.
struct Living {
  std::vector<JSContext *> contexts;
  int calls = 0;
};
Living &living() {
  static Living living;
  return living;
}

// The engine's threads wait on a mutex of the library, whose destructor aborts the process if they still do. Registered
// after the library's own destructors, so this runs before them.  A context that nobody freed goes first; inside a call
// (exit() in a callback) none can go, and the end is as the library has it.
void stop_engine() {
  if (living().calls) return;
  for (JSContext *cx : living().contexts) JS_DestroyContext(cx);
  JS_ShutDown();
}

// Once in a process, since the engine cannot be started again after JS_ShutDown().  The library stays mapped (link
// argument nodelete).
const char *start_engine() {
  static const char *const failure = [] {
    living();
    const char *why = JS_InitWithFailureDiagnostic();
    if (!why) std::atexit(stop_engine);
    return why;
  }();
  return failure;
}

// Room for deep recursion in the guest: what is left of this thread's stack, and a margin for the engine's own calls
// and signal handlers.  SpiderMonkey's own default of 1 MB is less than other engines give.
size_t stack_quota() {
  constexpr size_t most = 4u << 20, margin = 256u << 10;
  pthread_attr_t attributes;
  void *lowest = nullptr;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes)) return 1u << 20;
  pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_destroy(&attributes);
  size_t left = size_t(static_cast<char *>(__builtin_frame_address(0)) - static_cast<char *>(lowest));
  return std::min(most, left > 2 * margin ? left - margin : left / 2);
}

const JSClass global_class = {"global", JSCLASS_GLOBAL_FLAGS, &JS::DefaultGlobalClassOps, nullptr, nullptr, nullptr};

} // namespace

std::unique_ptr<Context> Context::make(const engine::Host &host, const std::string &tier, int &status) {
  status = SGPERF_ENGINE_ERROR;
  if (const char *failure = start_engine()) {
    host.error(status, "SpiderMonkey did not start: %s", failure);
    return nullptr;
  }
  JSContext *cx = JS_NewContext(JS::DefaultHeapMaxBytes);
  if (!cx) {
    host.error(status, "SpiderMonkey gave no context: out of memory, or of address space (RLIMIT_AS)?");
    return nullptr;
  }
  std::unique_ptr<Context> context(new Context(cx));
  living().contexts.push_back(cx);
  JS_SetNativeStackQuota(cx, stack_quota());
  JS::ContextOptionsRef(cx).setWasmBaseline(tier != "ion").setWasmIon(tier != "baseline");
  if ((status = apply_flags(host, cx))) return nullptr;
  status = SGPERF_ENGINE_ERROR;
  if (allow_encodings(cx) && JS::InitSelfHostedCode(cx)) {
    JS::RealmOptions options;
    context->global_ = JS_NewGlobalObject(cx, &global_class, nullptr, JS::FireOnNewGlobalHook, options);
    if (context->global_) context->outer_realm_ = JS::EnterRealm(cx, context->global_);
    if (context->global_ && context->find_constructors()) {
      status = SGPERF_ENGINE_OK;
      return context;
    }
  }
  host.error(status, "SpiderMonkey's context has no WebAssembly: %s", context->take_exception().c_str());
  return nullptr;
}

bool Context::find_constructors() {
  JS::RootedValue webassembly(cx_);
  JS::RootedObject object(cx_);
  if (!JS_GetProperty(cx_, global_, "WebAssembly", &webassembly) || !webassembly.isObject()) return false;
  object = &webassembly.toObject();
  return JS_GetProperty(cx_, object, "Module", &module_) && module_.isObject() &&
         JS_GetProperty(cx_, object, "Instance", &instance_) && instance_.isObject();
}

Context::Call::Call() {
  living().calls++;
}
Context::Call::~Call() {
  living().calls--;
}

Context::~Context() {
  module_.reset();
  instance_.reset();
  if (global_) JS::LeaveRealm(cx_, outer_realm_);
  global_.reset();
  std::erase(living().contexts, cx_);
  JS_DestroyContext(cx_);
}

std::string Context::take_exception() const {
  JS::ExceptionStack exception(cx_);
  if (!JS_IsExceptionPending(cx_) || !JS::StealPendingExceptionStack(cx_, &exception)) return {};
  JS::ErrorReportBuilder report(cx_);
  if (!report.init(cx_, exception, JS::ErrorReportBuilder::NoSideEffects)) {
    JS_ClearPendingException(cx_);
    return "an exception that has no text";
  }
  return report.toStringResult().c_str();
}

} // namespace sgperf::spidermonkey
