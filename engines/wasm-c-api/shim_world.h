// SPDX-License-Identifier: Apache-2.0
// WASI from engines/wasi, as host functions of the standard API.
#pragma once

#include "wasi/wasi.h"
#include "wasm-c-api/world.h"

#include <deque>

namespace sgperf::wasm_c_api {

class ShimWorld final : public World {
public:
  ShimWorld(const engine::Host &host, const Api &api) : host_(host), api_(api) {}
  ~ShimWorld() override;

  int open() override;
  int begin(wasm_store_t *store, const wasm_module_t *) override;
  wasm_extern_t *provide(wasm_store_t *store, const Import &import, std::string &why) override;
  void remember(wasm_memory_t *memory) override { memory_ = memory; }
  bool exited_well() const override { return exit_code_ == 0; }
  std::optional<int> exited(const std::string &trap) override;

private:
  // What a host function needs; its address is the function's environment.
  struct Bound {
    ShimWorld *world;
    const sgperf_wasi_function *function;
    size_t params;
    bool result;
  };
  static wasm_trap_t *call(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results);
  static wasm_trap_t *proc_exit(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results);

  const engine::Host &host_;
  const Api &api_;
  sgperf_wasi *wasi_ = nullptr;
  wasm_store_t *store_ = nullptr;
  wasm_memory_t *memory_ = nullptr; // nullptr while a start function runs
  std::optional<int> exit_code_;
  std::deque<Bound> bound_;
  std::vector<wasm_func_t *> functions_;
};

} // namespace sgperf::wasm_c_api
