// SPDX-License-Identifier: Apache-2.0
// Finding, loading and recognising libwasm3.
#pragma once

#include "adapter/host.h"
#include "wasm3/wasm3_api.h"

#include <string>

namespace sgperf::wasm3 {

struct Library {
  std::string path;
  std::string version; // "0.9.0"; "0.9 or later" for a build without our build_info.c
  Api api;
};

// Loads config->library, or the installed build.  SGPERF_ENGINE_OK, NOT_FOUND or VERSION_REFUSED.
int load_library(const engine::Host &host, Library &out);

} // namespace sgperf::wasm3
