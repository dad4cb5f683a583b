// SPDX-License-Identifier: Apache-2.0
#include "wamr/library.h"

#include "adapter/installed.h"
#include "sgperf/sgperf.h"

#include <dlfcn.h>
#include <unistd.h>

namespace sgperf::wamr {

namespace {

constexpr const char *folder_small = "wamr-2.4.3", *folder_llvm = "wamr-llvm-2.4.3";

// nullptr after an error that was logged.
void *open_library(const engine::Host &host, const std::string &path, const char *what, const char *recipe) {
  if (access(path.c_str(), R_OK)) {
    if (recipe)
      host.error(SGPERF_ENGINE_NOT_FOUND,
                 "%s is not installed: expected %s; run `sgperf engines install %s`, or give "
                 "lib=PATH",
                 what, path.c_str(), recipe);
    else
      host.error(SGPERF_ENGINE_NOT_FOUND, "lib=%s: no such readable file; give the path of a libiwasm.so",
                 path.c_str());
    return nullptr;
  }
  std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  void *library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) host.error(SGPERF_ENGINE_NOT_FOUND, "cannot load %s: %s", what, dlerror());
  return library;
}

} // namespace

int load_library(const engine::Host &host, const std::string &tier, Library &out) {
  SGPERF_SCOPE("wamr::load_library");
  bool jit = tier == "llvm-jit";
  const char *recipe = host.config().library ? nullptr : jit ? "wamr-llvm" : "wamr";
  out.path = host.config().library ? host.config().library
                                   : engine::installed_engine(host, jit ? folder_llvm : folder_small) + "/libiwasm.so";
  void *library = open_library(host, out.path, "WAMR", recipe);
  if (!library) return SGPERF_ENGINE_NOT_FOUND;
  const char *missing = nullptr;
#define SGPERF_WAMR_LOAD(result, name, ...)                                                                            \
  out.api.name = reinterpret_cast<decltype(out.api.name)>(dlsym(library, #name));
#define SGPERF_WAMR_CHECK(result, name, ...)                                                                           \
  if (!out.api.name && !missing) missing = #name;
  SGPERF_WAMR_REQUIRED(SGPERF_WAMR_LOAD)
  SGPERF_WAMR_OPTIONAL(SGPERF_WAMR_LOAD)
  SGPERF_WAMR_REQUIRED(SGPERF_WAMR_CHECK)
#undef SGPERF_WAMR_LOAD
#undef SGPERF_WAMR_CHECK
  if (missing)
    return host.error(
        SGPERF_ENGINE_VERSION_REFUSED,
        "%s is refused: expected WAMR %s (libiwasm.so), found a library without %s; build it with WASI, and "
        "the interpreter or AOT",
        out.path.c_str(), known_version, missing);
  uint32_t major = 0, minor = 0, patch = 0;
  out.api.wasm_runtime_get_version(&major, &minor, &patch);
  out.version = std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  if (out.version != known_version)
    return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                      "%s is refused: expected WAMR %s, found %s; structs of its API differ between versions; build "
                      "version %s, or run `sgperf engines install wamr`",
                      out.path.c_str(), known_version, out.version.c_str(), known_version);
  if (!out.api.wasm_runtime_is_running_mode_supported(jit ? Mode_LLVM_JIT : Mode_Interp))
    return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                      "%s is refused: the tier %s was asked for, and this build of WAMR has no %s; build it with %s",
                      out.path.c_str(), tier.c_str(), jit ? "LLVM JIT" : "interpreter",
                      jit ? "WAMR_BUILD_JIT=1" : "WAMR_BUILD_INTERP=1");
  return SGPERF_ENGINE_OK;
}

int load_compiler(const engine::Host &host, Compiler &out) {
  if (out.init) return SGPERF_ENGINE_OK;
  SGPERF_SCOPE("wamr::load_compiler");
  out.path = engine::installed_engine(host, folder_llvm) + "/libsgperf-wamrc.so";
  void *library = open_library(host, out.path, "WAMR's ahead-of-time compiler", "wamr-llvm");
  if (!library) return SGPERF_ENGINE_NOT_FOUND;
  Compiler found{out.path};
  bool complete = true;
  auto take = [&](auto &function, const char *name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
    complete = complete && function;
  };
  take(found.version, "sgperf_wamrc_version");
  take(found.init, "sgperf_wamrc_init");
  take(found.parse, "sgperf_wamrc_parse");
  take(found.compile, "sgperf_wamrc_compile");
  take(found.free_file, "sgperf_wamrc_free_file");
  take(found.free_module, "sgperf_wamrc_free_module");
  if (!complete || found.version() != std::string(known_version))
    return host.error(
        SGPERF_ENGINE_VERSION_REFUSED,
        "%s is refused: expected the compiler of WAMR %s as `sgperf engines install wamr-llvm` builds it, "
        "found %s; run it again",
        out.path.c_str(), known_version, complete ? found.version() : "a library without its functions");
  char why[256] = "";
  if (!found.init(why, sizeof why)) return host.error(SGPERF_ENGINE_ERROR, "%s", why);
  out = found;
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::wamr
