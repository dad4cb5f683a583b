// SPDX-License-Identifier: Apache-2.0
#include "sightglass/foreign.h"

#include "sightglass/foreign_forms.h"

#include <cstddef>
#include <cstring>
#include <dlfcn.h>

namespace sgperf::engines {

const char *to_text(Abi abi) {
  switch (abi) {
  case Abi::sgperf_1:
    return "sgperf-1";
  case Abi::wasm_bench_5:
    return "wasm_bench-5";
  case Abi::engine_0:
    return "engine-0";
  }
  return "?";
}

std::optional<Abi> abi_from_text(std::string_view text) {
  for (Abi abi : {Abi::sgperf_1, Abi::wasm_bench_5, Abi::engine_0})
    if (text == to_text(abi)) return abi;
  return std::nullopt;
}

namespace {

const char *entry_symbol(Abi abi) {
  switch (abi) {
  case Abi::sgperf_1:
    return SGPERF_ENGINE_ENTRY;
  case Abi::wasm_bench_5:
    return "wasm_bench_create";
  case Abi::engine_0:
    return "engine_create";
  }
  return "";
}

const sgperf_engine *own_form(void *handle, std::string &error) {
  auto entry = reinterpret_cast<sgperf_engine_entry>(dlsym(handle, SGPERF_ENGINE_ENTRY));
  const sgperf_engine *engine = entry ? entry(SGPERF_ENGINE_VERSION) : nullptr;
  if (!engine) {
    error = std::string(SGPERF_ENGINE_ENTRY) + (entry ? " refused" : " is not exported for") + " host version " +
            std::to_string(SGPERF_ENGINE_VERSION) + "; build the engine with this sgperf's engine.h";
    return nullptr;
  }
  if (engine->version != SGPERF_ENGINE_VERSION) {
    error = "the engine speaks version " + std::to_string(engine->version) + " of the engine ABI, expected " +
            std::to_string(SGPERF_ENGINE_VERSION) + "; build it with this sgperf's engine.h";
    return nullptr;
  }
  constexpr size_t smallest = offsetof(sgperf_engine, invoke_many); // as the first release had it
  if (engine->struct_size < smallest) {
    error = "the engine's table has " + std::to_string(engine->struct_size) + " bytes, expected at least " +
            std::to_string(smallest) + "; build it with this sgperf's engine.h";
    return nullptr;
  }
  return engine;
}

} // namespace

std::string name_of(const std::string &path) {
  std::string name = path.substr(path.rfind('/') + 1);
  if (name.starts_with("lib")) name.erase(0, 3);
  return name.substr(0, name.find(".so"));
}

bool is_component(const uint8_t *wasm, size_t size) {
  return wasm && size >= 8 && !std::memcmp(wasm, "\0asm", 4) && wasm[6] == 1 && wasm[7] == 0;
}

std::optional<Plugin> load_plugin(const std::string &path, std::optional<Abi> abi, std::string &error) {
  Plugin plugin;
  // Without a slash dlopen would search the library path rather than the folder.
  std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  plugin.handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!plugin.handle) {
    error = std::string("cannot load the engine: ") + dlerror();
    return std::nullopt;
  }
  if (!abi) {
    for (Abi guess : {Abi::sgperf_1, Abi::wasm_bench_5, Abi::engine_0})
      if (!abi && dlsym(plugin.handle, entry_symbol(guess))) abi = guess;
  }
  if (!abi) {
    error = path + " is no engine: expected one of sgperf_engine_v1, wasm_bench_create, engine_create among its "
                   "symbols, found none";
    return std::nullopt;
  }
  plugin.abi = *abi;
  std::string why;
  switch (*abi) {
  case Abi::sgperf_1:
    plugin.engine = own_form(plugin.handle, why);
    break;
  case Abi::wasm_bench_5:
    plugin.engine = wrap_wasm_bench(plugin.handle, path, why);
    break;
  case Abi::engine_0:
    plugin.engine = wrap_engine_0(plugin.handle, path, why);
    break;
  }
  if (!plugin.engine) {
    error = path + " as " + to_text(*abi) + ": " + why;
    return std::nullopt;
  }
  return plugin;
}

} // namespace sgperf::engines
