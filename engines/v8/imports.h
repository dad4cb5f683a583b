// SPDX-License-Identifier: Apache-2.0
// What a module imports, as functions of V8.
#pragma once

#include "js/guest.h"
#include "v8/engine.h"

namespace sgperf::v8_engine {

// What import functions keep pointers to, and to its bindings.
struct World : javascript::World {
  explicit World(Engine &engine) : engine(engine) {}
  Engine &engine;
  v8::Global<v8::WasmMemoryObject> memory; // set after instantiation; empty while a start function runs

  struct Binding {
    World *world;
    const sgperf_wasi_function *function;
    size_t count; // of parameters
  };
  std::vector<Binding> bindings;
};

// The import object: {module: {field: function}}.  SGPERF_ENGINE_OK, or IMPORT with module and field in the message.
int make_imports(const Module &module, World &world, v8::Local<v8::Object> &out);

} // namespace sgperf::v8_engine
