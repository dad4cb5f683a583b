// SPDX-License-Identifier: Apache-2.0
// What a module imports, as functions of V8.
#pragma once

#include "v8/engine.h"

namespace sgperf::v8_engine {

// The guest's world of one instance: import functions keep a pointer to it and to its bindings.
struct World {
  explicit World(Engine &engine) : engine(engine) {}
  ~World() { sgperf_wasi_free(wasi); }

  Engine &engine;
  sgperf_wasi *wasi = nullptr;
  v8::Global<v8::WasmMemoryObject> memory; // set after instantiation; empty while a start function runs
  std::optional<int> exit_code;            // proc_exit was called

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
