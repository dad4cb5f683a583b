// SPDX-License-Identifier: Apache-2.0
// One JavaScript context with the compilers of a tier switched on.
#pragma once

#include "adapter/host.h"

#include <js/Realm.h>
#include <jsapi.h>

#include <memory>
#include <string>

namespace sgperf::spidermonkey {

// Belongs to the thread that made it.
class Context {
public:
  ~Context();
  Context(const Context &) = delete;
  Context &operator=(const Context &) = delete;

  // Starts the engine in this process if it was not yet.  nullptr: logged, `status` says what it is.
  static std::unique_ptr<Context> make(const engine::Host &host, const std::string &tier, int &status);

  JSContext *get() const { return cx_; }
  const JS::PersistentRootedValue &constructor(bool of_module) const { return of_module ? module_ : instance_; }
  // Takes the pending exception away.  "" if there is none, as after an exit.
  std::string take_exception() const;

  // Around every call that may come back into a host function.
  struct Call {
    Call();
    ~Call();
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;
  };

private:
  explicit Context(JSContext *cx) : cx_(cx), global_(cx), module_(cx), instance_(cx) {}
  bool find_constructors();

  JSContext *cx_;
  JS::Realm *outer_realm_ = nullptr;
  JS::PersistentRootedObject global_;
  JS::PersistentRootedValue module_, instance_; // WebAssembly.Module and WebAssembly.Instance
};

} // namespace sgperf::spidermonkey
