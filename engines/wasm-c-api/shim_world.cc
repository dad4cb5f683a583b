// SPDX-License-Identifier: Apache-2.0
#include "wasm-c-api/shim_world.h"

#include "adapter/shim.h"
#include "sgperf/sgperf.h"

#include <cstring>

namespace sgperf::wasm_c_api {

ShimWorld::~ShimWorld() {
  for (wasm_func_t *function : functions_) api_.wasm_func_delete(function);
  sgperf_wasi_free(wasi_);
}

int ShimWorld::open() {
  return engine::open_shim(host_, &wasi_);
}

int ShimWorld::begin(wasm_store_t *store, const wasm_module_t *) {
  store_ = store;
  return SGPERF_ENGINE_OK;
}

wasm_trap_t *ShimWorld::call(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  SGPERF_SCOPE(SGPERF_ENGINE_NAME "::import");
  const Bound &bound = *static_cast<const Bound *>(env);
  const ShimWorld &world = *bound.world;
  uint64_t values[16];
  for (size_t i = 0; i < bound.params; i++)
    values[i] =
        bound.function->signature[i] == 'I' ? uint64_t(args->data[i].of.i64) : uint64_t(uint32_t(args->data[i].of.i32));
  uint8_t *data = nullptr;
  size_t size = 0;
  if (world.memory_) { // it moves when it grows
    data = reinterpret_cast<uint8_t *>(world.api_.wasm_memory_data(world.memory_));
    size = world.api_.wasm_memory_data_size(world.memory_);
  }
  const uint32_t code = bound.function->call(world.wasi_, data, size, values);
  if (bound.result) {
    results->data[0].kind = 0;
    results->data[0].of.i32 = int32_t(code);
  }
  return nullptr;
}

// An exit is a trap to the engine: it unwinds the guest's frames and nothing else.
wasm_trap_t *ShimWorld::proc_exit(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *) {
  ShimWorld &world = *static_cast<const Bound *>(env)->world;
  world.exit_code_ = args->data[0].of.i32;
  char text[] = "proc_exit";
  const wasm_byte_vec_t message{sizeof text, text}; // with its NUL: engines insist
  return world.api_.wasm_trap_new(world.store_, &message);
}

wasm_extern_t *ShimWorld::provide(wasm_store_t *store, const Import &import, std::string &why) {
  if (import.module != SGPERF_WASI_MODULE) return nullptr;
  const sgperf_wasi_function *function = sgperf_wasi_find(import.field.c_str());
  if (!function) return nullptr;
  if (import.signature != function->signature) {
    why = "it has the type " + import.signature + ", expected " + function->signature;
    return nullptr;
  }
  const auto params = size_t(std::strchr(function->signature, '>') - function->signature);
  Bound &bound = bound_.emplace_back(Bound{this, function, params, function->signature[params + 1] != 0});
  wasm_func_t *made =
      api_.wasm_func_new_with_env(store, import.type, import.field == "proc_exit" ? proc_exit : call, &bound, nullptr);
  if (!made) return nullptr;
  functions_.push_back(made);
  return api_.wasm_func_as_extern(made);
}

std::optional<int> ShimWorld::exited(const std::string &) {
  std::optional<int> code = exit_code_;
  exit_code_.reset();
  return code;
}

} // namespace sgperf::wasm_c_api
