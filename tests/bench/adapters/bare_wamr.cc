// SPDX-License-Identifier: Apache-2.0
// WAMR by its own API.  It has one runtime in a process: the adapter has set it up.
#include "bench/adapters/bare.h"
#include "wamr/wamr_api.h"

namespace sgperf::bench {
namespace {

using namespace sgperf::wamr;

constexpr uint32_t stack_bytes = 1 << 20;

class Wamr final : public Bare {
public:
  explicit Wamr(void *handle) { SGPERF_WAMR_REQUIRED(SGPERF_BENCH_LOAD) }
  ~Wamr() override {
    if (env) api.wasm_runtime_destroy_exec_env(env);
    if (instance) api.wasm_runtime_deinstantiate(instance);
    drop();
  }
  bool compile(uint8_t *bytes, size_t size) override {
    char why[256] = "";
    module = api.wasm_runtime_load(bytes, static_cast<uint32_t>(size), why, sizeof why);
    return module || fail(why);
  }
  void drop() override {
    if (module) api.wasm_runtime_unload(module);
    module = nullptr;
  }
  bool instantiate() override {
    char why[256] = "";
    instance = api.wasm_runtime_instantiate(module, stack_bytes, 0, why, sizeof why);
    if (!instance) return fail(why);
    env = api.wasm_runtime_create_exec_env(instance, stack_bytes);
    function = env ? api.wasm_runtime_lookup_function(instance, "f") : nullptr;
    return function || fail("no function f");
  }
  bool call(uint64_t times) override {
    uint32_t none[2];
    for (uint64_t i = 0; i < times; ++i)
      if (!api.wasm_runtime_call_wasm(env, function, 0, none)) return fail("the call trapped");
    return true;
  }

private:
  Api api;
  wasm_module_t module = nullptr;
  wasm_module_inst_t instance = nullptr;
  wasm_exec_env_t env = nullptr;
  wasm_function_inst_t function = nullptr;
};

} // namespace

std::unique_ptr<Bare> make_wamr(const Opened &opened, std::string &error) {
  void *handle = open_again(opened.library, error);
  return handle ? std::make_unique<Wamr>(handle) : nullptr;
}

} // namespace sgperf::bench
