// SPDX-License-Identifier: Apache-2.0
// wasm3 by its C API.  Compiling is parsing there; functions are translated when they are first called.
#include "bench/adapters/bare.h"
#include "wasm3/wasm3_api.h"

namespace sgperf::bench {
namespace {

using namespace sgperf::wasm3;

class Wasm3 final : public Bare {
public:
  explicit Wasm3(void *handle) {
    SGPERF_WASM3_REQUIRED(SGPERF_BENCH_LOAD)
    environment = api.m3_NewEnvironment();
  }
  ~Wasm3() override {
    if (runtime) api.m3_FreeRuntime(runtime); // with the module that was loaded into it
    drop();
    api.m3_FreeEnvironment(environment);
  }
  bool compile(uint8_t *bytes, size_t size) override {
    const M3Result failed = api.m3_ParseModule(environment, &module, bytes, static_cast<uint32_t>(size));
    if (failed) module = nullptr;
    return !failed || fail(failed);
  }
  void drop() override {
    if (module) api.m3_FreeModule(module);
    module = nullptr;
  }
  bool instantiate() override {
    runtime = api.m3_NewRuntime(environment, 1 << 20, nullptr);
    if (const M3Result failed = api.m3_LoadModule(runtime, module)) return fail(failed);
    module = nullptr; // the runtime's
    const M3Result failed = api.m3_FindFunction(&function, runtime, "f");
    return !failed || fail(failed);
  }
  bool call(uint64_t times) override {
    for (uint64_t i = 0; i < times; ++i)
      if (const M3Result failed = api.m3_Call(function, 0, nullptr)) return fail(failed);
    return true;
  }

private:
  Api api;
  M3Environment *environment = nullptr;
  M3Runtime *runtime = nullptr;
  M3Module *module = nullptr;
  M3Function *function = nullptr;
};

} // namespace

std::unique_ptr<Bare> make_wasm3(const Opened &opened, std::string &error) {
  void *handle = open_again(opened.library, error);
  return handle ? std::make_unique<Wasm3>(handle) : nullptr;
}

} // namespace sgperf::bench
