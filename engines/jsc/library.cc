// SPDX-License-Identifier: Apache-2.0
#include "jsc/library.h"

#include "sgperf/sgperf.h"

#include <dlfcn.h>
#include <unistd.h>

namespace sgperf::jsc {

namespace {

// One engine in three packages, which differ in what else they are built for (soup 2, soup 3, GTK 4).
constexpr const char *names[] = {"libjavascriptcoregtk-4.1.so.0", "libjavascriptcoregtk-4.0.so.18",
                                 "libjavascriptcoregtk-6.0.so.1"};

constexpr int how = RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE;

void *open_library(const engine::Host &host, int &status) {
  if (const char *own = host.config().library) {
    std::string file = std::string(own).find('/') == std::string::npos ? std::string("./").append(own) : own;
    void *library = access(file.c_str(), R_OK) ? nullptr : dlopen(file.c_str(), how);
    if (!library)
      status = host.error(SGPERF_ENGINE_NOT_FOUND, "lib=%s: cannot load it (%s); give the path of a %s", own,
                          access(file.c_str(), R_OK) ? "no such readable file" : dlerror(), names[0]);
    return library;
  }
  std::string why;
  for (const char *name : names) {
    if (void *library = dlopen(name, how)) return library;
    why += std::string("\n  ").append(dlerror());
  }
  status = host.error(SGPERF_ENGINE_NOT_FOUND,
                      "JavaScriptCore is not installed: expected WebKitGTK's library, as in Debian's package "
                      "libjavascriptcoregtk-4.1-0 (`sgperf engines install jsc` says how), or give lib=PATH:%s",
                      why.c_str());
  return nullptr;
}

} // namespace

int load_library(const engine::Host &host, Library &out) {
  SGPERF_SCOPE("jsc::load_library");
  int status = SGPERF_ENGINE_OK;
  void *library = open_library(host, status);
  if (!library) return status;
#define SGPERF_JSC_LOAD(result, name, ...)                                                                             \
  out.api.name = reinterpret_cast<decltype(out.api.name)>(dlsym(library, #name));
  SGPERF_JSC_REQUIRED(SGPERF_JSC_LOAD)
  SGPERF_JSC_OPTIONAL(SGPERF_JSC_LOAD)
#undef SGPERF_JSC_LOAD
  void *any = dlsym(library, "JSGlobalContextCreate");
  Dl_info info{};
  out.path = any && dladdr(any, &info) && info.dli_fname ? info.dli_fname
             : host.config().library                     ? host.config().library
                                                         : "the library";
  if (!out.api.JSUnlock) out.api.JSLock = nullptr;
  const char *missing = nullptr;
#define SGPERF_JSC_CHECK(result, name, ...)                                                                            \
  if (!out.api.name && !missing) missing = #name;
  SGPERF_JSC_REQUIRED(SGPERF_JSC_CHECK)
#undef SGPERF_JSC_CHECK
  if (missing)
    return host.error(SGPERF_ENGINE_VERSION_REFUSED,
                      "%s is refused: expected JavaScriptCore of WebKitGTK 2.46 or later, found no %s in it; install "
                      "Debian's libjavascriptcoregtk-4.1-0",
                      out.path.c_str(), missing);
  out.version = std::to_string(out.api.jsc_get_major_version()) + '.' +
                std::to_string(out.api.jsc_get_minor_version()) + '.' + std::to_string(out.api.jsc_get_micro_version());
  return SGPERF_ENGINE_OK;
}

} // namespace sgperf::jsc
