// SPDX-License-Identifier: Apache-2.0
// One global context and the few things that are asked of it.
#pragma once

#include "jsc/jsc_api.h"

#include <string>

namespace sgperf::jsc {

// Belongs to the thread that made it.
class Context {
public:
  explicit Context(const Api &api) : api(api), js(api.JSGlobalContextCreate(nullptr)) {}
  ~Context() { api.JSGlobalContextRelease(js); }
  Context(const Context &) = delete;
  Context &operator=(const Context &) = delete;

  // nullptr: there is no such property, or it is no object.
  JSObjectRef object_property(JSObjectRef of, const char *name) const;
  void set(JSObjectRef of, const char *name, JSValueRef value) const;
  JSObjectRef make_function(const char *name, Callback callback) const;
  std::string text(JSValueRef value) const; // as String(value)
  // Frees what nobody holds any more, linear memories above all.  Without it the engine collects when it has no room
  // for another memory, which is in somebody's instantiate: 3 to 9 ms instead of 0.3.
  void collect() const;

  const Api &api;
  const JSContextRef js;
};

// Each call of the API takes the engine's lock, 75 ns; once it is held, 26 ns.  For several calls in a row.
class Lock {
public:
  explicit Lock(const Context &context, bool worth_it = true)
      : context_(context), held_(worth_it && context.api.JSLock) {
    if (held_) context_.api.JSLock(context_.js);
  }
  ~Lock() {
    if (held_) context_.api.JSUnlock(context_.js);
  }
  Lock(const Lock &) = delete;
  Lock &operator=(const Lock &) = delete;

private:
  const Context &context_;
  bool held_;
};

// A value that lives outside of the stack, which is all that the collector sees.
class Kept {
public:
  explicit Kept(const Context &context) : context_(context) {}
  ~Kept() { *this = nullptr; }
  Kept(const Kept &) = delete;
  Kept &operator=(const Kept &) = delete;
  Kept &operator=(JSObjectRef object) {
    if (object) context_.api.JSValueProtect(context_.js, object);
    if (object_) context_.api.JSValueUnprotect(context_.js, object_);
    object_ = object;
    return *this;
  }
  JSObjectRef get() const { return object_; }

private:
  const Context &context_;
  JSObjectRef object_ = nullptr;
};

} // namespace sgperf::jsc
