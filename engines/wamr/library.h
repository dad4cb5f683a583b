// SPDX-License-Identifier: Apache-2.0
// Finding, loading and recognising WAMR's runtime and its ahead-of-time compiler.
#pragma once

#include "adapter/host.h"
#include "wamr/aot_compiler.h"
#include "wamr/wamr_api.h"

#include <string>

namespace sgperf::wamr {

struct Library {
  std::string path;
  std::string version; // "2.4.3", as the library itself says it
  Api api;
};

// Loads config->library, or the installed build that has `tier`.  SGPERF_ENGINE_OK, NOT_FOUND or VERSION_REFUSED.
int load_library(const engine::Host &host, const std::string &tier, Library &out);

struct Compiler {
  std::string path;
  decltype(&sgperf_wamrc_version) version = nullptr;
  decltype(&sgperf_wamrc_init) init = nullptr;
  decltype(&sgperf_wamrc_parse) parse = nullptr;
  decltype(&sgperf_wamrc_compile) compile = nullptr;
  decltype(&sgperf_wamrc_free_file) free_file = nullptr;
  decltype(&sgperf_wamrc_free_module) free_module = nullptr;
};

// Loads the compiler with LLVM, and sets it up; later calls find it ready.
int load_compiler(const engine::Host &host, Compiler &out);

} // namespace sgperf::wamr
