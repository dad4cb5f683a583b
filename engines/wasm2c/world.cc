// SPDX-License-Identifier: Apache-2.0
#include "wasm2c/world.h"

#include "sgperf/sgperf.h"

#include <cstring>

namespace sgperf::wasm2c {

namespace {

struct Direct {
  const char *name;
  void (*function)(void);
};

// The shim's direct entries, each behind a scope of the adapter, so that a scope table shows how long a guest is
// outside of its code.  Off, that is a load and a branch; arguments stay in their registers.
template <auto function> struct Timed;
template <typename... Args, uint32_t (*function)(sgperf_wasi *, uint8_t *, uint64_t, Args...)> struct Timed<function> {
  static uint32_t call(sgperf_wasi *wasi, uint8_t *memory, uint64_t memory_size, Args... args) {
    SGPERF_SCOPE("wasm2c::import");
    return function(wasi, memory, memory_size, args...);
  }
};

const Direct direct[] = {
#define ENTRY(name, signature, ...) {#name, reinterpret_cast<void (*)(void)>(&Timed<&sgperf_wasi_##name>::call)},
    SGPERF_WASI_FUNCTIONS(ENTRY)
#undef ENTRY
};

// proc_exit: the artefact's own frames are plain C, a jump over them harms nothing.
void leave(World *world, uint8_t *, uint64_t, uint32_t code) {
  world->exit_code = int(code);
  world->aot->leave();
}

sgperf_aot_binding provide(const engine::Host &host, const sgperf_aot_import &import, World &world) {
  const sgperf_engine_config &config = host.config();
  std::string module = import.module, field = import.field, signature = import.signature;
  if (module == "bench" && signature == ">") {
    if (field == "start") return {reinterpret_cast<void (*)(void)>(config.bench_start), config.host};
    if (field == "end") return {reinterpret_cast<void (*)(void)>(config.bench_end), config.host};
  }
  if (module != SGPERF_WASI_MODULE) return {nullptr, nullptr};
  const sgperf_wasi_function *function = sgperf_wasi_find(import.field);
  if (!function || signature != function->signature) return {nullptr, nullptr};
  if (field == "proc_exit") return {reinterpret_cast<void (*)(void)>(&leave), &world};
  for (const Direct &entry : direct)
    if (field == entry.name) return {entry.function, world.wasi};
  return {nullptr, nullptr};
}

} // namespace

int bind_imports(const engine::Host &host, const sgperf_aot &aot, World &world) {
  world.aot = &aot;
  for (uint32_t i = 0; i < aot.import_count; i++) {
    const sgperf_aot_import &import = aot.imports[i];
    sgperf_aot_binding binding = provide(host, import, world);
    if (!binding.function)
      return host.error(
          SGPERF_ENGINE_IMPORT,
          "unknown import %s.%s of type %s: provided are the functions of %s and bench.start, bench.end (>)",
          import.module, import.field, import.signature, SGPERF_WASI_MODULE);
    world.bindings.push_back(binding);
  }
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::wasm2c
