// SPDX-License-Identifier: Apache-2.0
// Wasmtime by its C API: the unchecked call, as the adapter's.
#include "bench/adapters/bare.h"
#include "wasmtime/wasmtime_api.h"

namespace sgperf::bench {
namespace {

using namespace sgperf::wasmtime;

class Wasmtime final : public Bare {
public:
  explicit Wasmtime(void *handle) {
    SGPERF_WASMTIME_REQUIRED(SGPERF_BENCH_LOAD)
    SGPERF_WASMTIME_OPTIONAL(SGPERF_BENCH_LOAD)
  }
  ~Wasmtime() override {
    if (store) api.wasmtime_store_delete(store);
    drop();
    if (linker) api.wasmtime_linker_delete(linker);
    if (engine) api.wasm_engine_delete(engine);
  }
  bool start(const std::string &tier) {
    wasm_config_t *config = api.wasm_config_new();
    api.wasmtime_config_strategy_set(config, tier == "winch" ? 2 : 1);
    char interpreter[] = "pulley64";
    if (tier == "pulley") api.wasmtime_config_target_set(config, interpreter);
    engine = api.wasm_engine_new_with_config(config);
    if (engine) linker = api.wasmtime_linker_new(engine);
    return linker || fail("no engine with this configuration");
  }
  bool compile(uint8_t *bytes, size_t size) override {
    wasmtime_error_t *failed = api.wasmtime_module_new(engine, bytes, size, &module);
    return !failed || fail("wasmtime_module_new failed");
  }
  void drop() override {
    if (module) api.wasmtime_module_delete(module);
    module = nullptr;
  }
  bool instantiate() override {
    store = api.wasmtime_store_new(engine, nullptr, nullptr);
    context = api.wasmtime_store_context(store);
    wasmtime_instance_t instance{};
    wasm_trap_t *trap = nullptr;
    if (api.wasmtime_linker_instantiate(linker, context, module, &instance, &trap) || trap)
      return fail("wasmtime_linker_instantiate failed");
    wasmtime_extern_t found{};
    char name[] = "f";
    if (!api.wasmtime_instance_export_get(context, &instance, name, 1, &found) || found.kind != 0)
      return fail("no function f");
    function = found.of.func;
    return true;
  }
  bool call(uint64_t times) override {
    wasmtime_val_raw_t none[1];
    for (uint64_t i = 0; i < times; ++i) {
      wasm_trap_t *trap = nullptr;
      if (api.wasmtime_func_call_unchecked(context, &function, none, 0, &trap) || trap) return fail("the call failed");
    }
    return true;
  }

private:
  Api api;
  wasm_engine_t *engine = nullptr;
  wasmtime_linker_t *linker = nullptr;
  wasmtime_module_t *module = nullptr;
  wasmtime_store_t *store = nullptr;
  wasmtime_context_t *context = nullptr;
  wasmtime_func_t function{};
};

} // namespace

std::unique_ptr<Bare> make_wasmtime(const Opened &opened, std::string &error) {
  void *handle = open_again(opened.library, error);
  if (!handle) return nullptr;
  auto bare = std::make_unique<Wasmtime>(handle);
  if (bare->start(opened.tier)) return bare;
  error = bare->error;
  return nullptr;
}

} // namespace sgperf::bench
