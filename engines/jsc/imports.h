// SPDX-License-Identifier: Apache-2.0
// What a module imports, as functions of JavaScriptCore.
#pragma once

#include "js/guest.h"
#include "jsc/context.h"

#include <vector>

namespace sgperf::jsc {

// One instance's linear memory as its host functions see it, through a Uint8Array of all of it: the array is emptied
// when the memory grows, and the next one is made.  (The C API gives out the bytes of a view on a WebAssembly.Memory,
// but not those of its buffer.)
class GuestMemory {
public:
  explicit GuestMemory(const Context &context) : context_(context), memory_(context), view_(context) {}
  void bind(JSObjectRef memory) { memory_ = memory; }
  // nullptr and 0 while there is no memory, as in a start function.
  uint8_t *bytes(size_t &size);

private:
  const Context &context_;
  Kept memory_, view_;
  uint8_t *data_ = nullptr; // of the view, while it has a length
};

struct Guest {
  Guest(const engine::Host &host, const Context &context) : host(host), context(context), memory(context) {}
  const engine::Host &host;
  const Context &context;
  javascript::World world;
  GuestMemory memory;
};

// The second argument of WebAssembly.Instance.
JSObjectRef make_imports(const Context &context, const std::vector<javascript::Provided> &provided);

// Whose functions are called: a C callback has no data of its own, and objects that have cost 20 ns more a call.  From
// here to the end of life host functions work for this guest.
class Running {
public:
  explicit Running(Guest &guest) : before_(current) { current = &guest; }
  ~Running() { current = before_; }
  Running(const Running &) = delete;
  Running &operator=(const Running &) = delete;

  static inline Guest *current = nullptr;

private:
  Guest *before_;
};

} // namespace sgperf::jsc
