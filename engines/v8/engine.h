// SPDX-License-Identifier: Apache-2.0
// One V8 isolate and context with all that lives in it.
#pragma once

#include "adapter/host.h"
#include "adapter/module.h"
#include "wasi/wasi.h"

#include <v8.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::v8_engine {

struct Engine {
  explicit Engine(const sgperf_engine_config &config) : host(config) {}
  ~Engine(); // leaves and disposes of the isolate; V8 itself stays, it cannot be started twice

  engine::Host host;
  std::string tier, version, library, details, names;
  bool lazy = false; // --wasm-lazy-compilation
  std::unique_ptr<v8::ArrayBuffer::Allocator> allocator;
  v8::Isolate *isolate = nullptr;  // entered from create() to free()
  v8::Global<v8::Context> context; // as well
  v8::Global<v8::Function> instance_constructor, compile_streaming;
  // Called after proc_exit has asked V8 to terminate: a guest is stopped where V8 looks for requests, which is at the
  // entry of a JavaScript function.
  v8::Global<v8::Function> safe_point;
  unsigned compiled = 0; // modules so far
  std::string uncaught;  // what the last call that had no TryCatch ended with

  v8::Local<v8::Context> local_context() const { return context.Get(isolate); }
};

// A handle that stays is as good as one of a scope while it is not reset, and costs nothing to make.
template <typename T> v8::Local<T> strong(const v8::Global<T> &global) {
  return *reinterpret_cast<const v8::Local<T> *>(&global);
}

// Bytes of machine code that V8 has generated for WebAssembly since it was started, by its own counter.
uint32_t generated_code();

// Starts V8 with the tier's flags and the user's, and makes isolate and context.
int open_isolate(Engine &engine);

// What deserialize() reads V8's part from; feed() hands it to V8.
struct Artefact;
void feed(const Artefact &artefact, v8::WasmStreaming &streaming);

// Frees what nothing refers to any more: instances' memories and modules' code.
void collect(Engine &engine);

// The exception that `attempt` holds, as text; "(no exception)".
std::string message(const Engine &engine, const v8::TryCatch &attempt);

struct Module {
  explicit Module(Engine &engine) : engine(engine) {}
  Engine &engine;
  v8::Global<v8::WasmModuleObject> object;
  engine::Interface interface;
  uint64_t code_size = 0, artefact_size = 0;
};

int compile(void *object, const char *path, const uint8_t *wasm, size_t size, void **out);
int serialize(void *object, const char *path);
int deserialize(void *object, const char *path, void **out);
int describe_module(void *object, sgperf_module_info *info);
void free_module(void *object);

int instantiate(void *object, void **out);
int execute(void *object, int *exit_code);
int resolve(void *object, const char *name, void **out, uint32_t *n_params, uint32_t *n_results);
int invoke_many(void *object, const sgperf_value *args, uint32_t n_args, sgperf_value *results, uint32_t n_results,
                uint64_t times);
void free_instance(void *object);

} // namespace sgperf::v8_engine
