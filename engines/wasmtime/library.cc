// SPDX-License-Identifier: Apache-2.0
#include "wasmtime/library.h"

#include "adapter/installed.h"
#include "sgperf/sgperf.h"
#include "wasmtime/version_probe.h"

#include <dlfcn.h>
#include <unistd.h>

namespace sgperf::wasmtime {

int load_library(const engine::Host &host, Library &out) {
  SGPERF_SCOPE("wasmtime::load_library");
  bool own_build = host.config().library != nullptr;
  out.path = own_build ? host.config().library : engine::installed_engine(host, "wasmtime-50.0.1") + "/_libwasmtime.so";
  if (access(out.path.c_str(), R_OK))
    return host.error(
        SGPERF_ENGINE_NOT_FOUND,
        own_build ? "lib=%s: no such readable file; give the path of a libwasmtime.so"
                  : "Wasmtime is not installed: expected %s; run `sgperf engines install wasmtime`, or give lib=PATH",
        out.path.c_str());
  std::string file = out.path.find('/') == std::string::npos ? "./" + out.path : out.path;
  void *library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) return host.error(SGPERF_ENGINE_NOT_FOUND, "cannot load Wasmtime: %s", dlerror());
  if (!dlsym(library, "wasmtime_module_serialize") || !dlsym(library, "wasm_engine_new"))
    return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                      "%s is refused: expected a Wasmtime C API library with a compiler (wasm_engine_new, "
                      "wasmtime_module_serialize), "
                      "found none; build wasmtime-c-api with its default features",
                      out.path.c_str());
  std::string why;
  out.version = probe_version(host, library, out.path, why);
  if (out.version.empty())
    return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                      "%s is refused: expected Wasmtime %s, could not find its version: %s", out.path.c_str(),
                      known_major, why.c_str());
  if (out.version != known_major && out.version.rfind(std::string(known_major) + ".", 0) != 0)
    return host.error(
        SGPERF_ENGINE_VERSION_REFUSED,
        "%s is refused: expected Wasmtime %s, found %s; structs of the C API differ between versions, and calling "
        "it with another version's would corrupt memory; build version %s, or load your build through a plug-in of its "
        "own "
        "(wasm_bench_* or sgperf_engine_v1)",
        out.path.c_str(), known_major, out.version.c_str(), known_major);
#define SGPERF_WASMTIME_LOAD(result, name, ...)                                                                        \
  out.api.name = reinterpret_cast<decltype(out.api.name)>(dlsym(library, #name));
  SGPERF_WASMTIME_REQUIRED(SGPERF_WASMTIME_LOAD)
  SGPERF_WASMTIME_OPTIONAL(SGPERF_WASMTIME_LOAD)
#undef SGPERF_WASMTIME_LOAD
  const char *missing = nullptr;
#define SGPERF_WASMTIME_CHECK(result, name, ...)                                                                       \
  if (!out.api.name) missing = #name;
  SGPERF_WASMTIME_REQUIRED(SGPERF_WASMTIME_CHECK)
#undef SGPERF_WASMTIME_CHECK
  if (missing)
    return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                      "%s is refused: it has no %s; build wasmtime-c-api with its default features", out.path.c_str(),
                      missing);
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::wasmtime
