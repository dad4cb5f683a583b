// SPDX-License-Identifier: Apache-2.0
// What a module imports, as native functions of SpiderMonkey.
#pragma once

#include "js/guest.h"

#include <jsapi.h>

#include <memory>
#include <string>
#include <vector>

namespace sgperf::spidermonkey {

// One instance's linear memory as its host functions see it.  The buffer of a WebAssembly.Memory is detached when the
// memory grows: a detached buffer has no data, and the next one is fetched.
class GuestMemory {
public:
  explicit GuestMemory(JSContext *cx) : cx_(cx), memory_(cx), buffer_(cx) {}
  void bind(JSObject *memory) { memory_ = memory; }
  // nullptr and 0 while there is no memory, as in a start function.
  uint8_t *bytes(size_t &size);

private:
  JSContext *cx_;
  JS::PersistentRootedObject memory_, buffer_;
};

struct Guest;

// What a native function finds in its reserved slot.
struct Binding {
  Guest *guest;
  const engine::Host *host;
  javascript::Provided provided;
  std::string params; // letters
};

struct Guest {
  explicit Guest(JSContext *cx) : memory(cx) {}
  javascript::World world;
  GuestMemory memory;
  std::vector<std::unique_ptr<Binding>> bindings;
};

// The second argument of WebAssembly.Instance; nullptr with an exception pending.  `guest` outlives every function.
JSObject *make_imports(JSContext *cx, const engine::Host &host, const std::vector<javascript::Provided> &provided,
                       Guest &guest);

} // namespace sgperf::spidermonkey
