// SPDX-License-Identifier: Apache-2.0
// Engines with the standard wasm-c-api.
#include "bench/adapters/bare.h"
#include "wasm-c-api/api.h"
#include "wasmer/wasmer_api.h"

namespace sgperf::bench {
namespace {

using namespace sgperf::wasm_c_api;

class Standard final : public Bare {
public:
  explicit Standard(void *handle) { SGPERF_WASM_REQUIRED(SGPERF_BENCH_LOAD) }
  ~Standard() override {
    if (exports.data) api.wasm_extern_vec_delete(&exports);
    if (instance) api.wasm_instance_delete(instance);
    drop();
    if (store) api.wasm_store_delete(store);
    if (engine) api.wasm_engine_delete(engine);
  }
  wasm_config_t *configuration() { return api.wasm_config_new(); }
  bool start(wasm_config_t *config) {
    engine = api.wasm_engine_new_with_config(config);
    if (engine) store = api.wasm_store_new(engine);
    return store || fail("no engine with this configuration");
  }
  bool compile(uint8_t *bytes, size_t size) override {
    const wasm_byte_vec_t given{size, reinterpret_cast<char *>(bytes)};
    module = api.wasm_module_new(store, &given);
    return module || fail("wasm_module_new failed");
  }
  void drop() override {
    if (module) api.wasm_module_delete(module);
    module = nullptr;
  }
  bool instantiate() override {
    const wasm_extern_vec_t none{0, nullptr};
    wasm_trap_t *trap = nullptr;
    instance = api.wasm_instance_new(store, module, &none, &trap);
    if (!instance) return fail("wasm_instance_new failed");
    api.wasm_instance_exports(instance, &exports); // f is the only one
    function = exports.size == 1 ? api.wasm_extern_as_func(exports.data[0]) : nullptr;
    return function || fail("no function f");
  }
  bool call(uint64_t times) override {
    const wasm_val_vec_t given{0, nullptr};
    wasm_val_vec_t taken{0, nullptr};
    for (uint64_t i = 0; i < times; ++i)
      if (api.wasm_func_call(function, &given, &taken)) return fail("the call trapped");
    return true;
  }

private:
  Api api;
  wasm_engine_t *engine = nullptr;
  wasm_store_t *store = nullptr;
  wasm_module_t *module = nullptr;
  wasm_instance_t *instance = nullptr;
  wasm_extern_vec_t exports{0, nullptr};
  wasm_func_t *function = nullptr;
};

// `configure` gets the library and a new configuration; false: it lacks what is needed.
template <typename Configure>
std::unique_ptr<Bare> make(const std::string &library, std::string &error, const Configure &configure) {
  void *handle = open_again(library, error);
  if (!handle) return nullptr;
  auto bare = std::make_unique<Standard>(handle);
  wasm_config_t *config = bare->configuration();
  if (!configure(handle, config)) {
    error = library + " lacks a function of its configuration";
    return nullptr;
  }
  if (bare->start(config)) return bare;
  error = bare->error;
  return nullptr;
}

} // namespace

std::unique_ptr<Bare> make_wasmi(const Opened &opened, std::string &error) {
  return make(opened.library, error, [](void *, wasm_config_t *) { return true; });
}

std::unique_ptr<Bare> make_wasmer(const Opened &opened, std::string &error) {
  const std::string &tier = opened.tier;
  return make(opened.library, error, [&](void *handle, wasm_config_t *config) {
    const auto set = reinterpret_cast<void (*)(wasm_config_t *, int)>(dlsym(handle, "wasm_config_set_backend"));
    if (set)
      set(config, tier == "llvm"         ? wasmer::backend_llvm
                  : tier == "singlepass" ? wasmer::backend_singlepass
                                         : wasmer::backend_cranelift);
    return set != nullptr;
  });
}

} // namespace sgperf::bench
