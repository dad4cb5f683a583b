// SPDX-License-Identifier: Apache-2.0
#include "wasm3/library.h"

#include "adapter/installed.h"
#include "sgperf/sgperf.h"

#include <dlfcn.h>
#include <unistd.h>

namespace sgperf::wasm3 {

namespace {
constexpr const char *known_version = "0.9.0";
// Appeared with 0.9: builds without our version function are told from older ones by it.
constexpr const char *mark_of_the_version = "m3Err_trapNullFunctionRef";
} // namespace

int load_library(const engine::Host &host, Library &out) {
  SGPERF_SCOPE("wasm3::load_library");
  bool own_build = host.config().library != nullptr;
  out.path = own_build ? host.config().library : engine::installed_engine(host, "wasm3-0.9.0") + "/libwasm3.so";
  if (access(out.path.c_str(), R_OK))
    return host.error(SGPERF_ENGINE_NOT_FOUND,
                      own_build ? "lib=%s: no such readable file; give the path of a libwasm3.so"
                                : "wasm3 is not installed: expected %s; run `sgperf engines install wasm3`, or give "
                                  "lib=PATH",
                      out.path.c_str());
  std::string file = out.path.find('/') == std::string::npos ? "./" + out.path : out.path;
  void *library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) return host.error(SGPERF_ENGINE_NOT_FOUND, "cannot load wasm3: %s", dlerror());
  const char *missing = nullptr;
#define SGPERF_WASM3_LOAD(result, name, ...)                                                                           \
  out.api.name = reinterpret_cast<decltype(out.api.name)>(dlsym(library, #name));
#define SGPERF_WASM3_CHECK(result, name, ...)                                                                          \
  if (!out.api.name && !missing) missing = #name;
  SGPERF_WASM3_REQUIRED(SGPERF_WASM3_LOAD)
  SGPERF_WASM3_OPTIONAL(SGPERF_WASM3_LOAD)
  SGPERF_WASM3_REQUIRED(SGPERF_WASM3_CHECK)
#undef SGPERF_WASM3_LOAD
#undef SGPERF_WASM3_CHECK
  if (missing)
    return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                      "%s is refused: expected wasm3 %s, found a library without %s; give the path of a libwasm3.so "
                      "with exported functions",
                      out.path.c_str(), known_version, missing);
  if (out.api.sgperf_wasm3_version)
    out.version = out.api.sgperf_wasm3_version();
  else
    out.version = dlsym(library, mark_of_the_version) ? "0.9 or later" : "before 0.9";
  if (out.version != known_version && out.version != "0.9 or later")
    return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                      "%s is refused: expected wasm3 %s, found %s; run `sgperf engines install wasm3`, or build that "
                      "version",
                      out.path.c_str(), known_version, out.version.c_str());
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::wasm3
