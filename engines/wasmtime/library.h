// SPDX-License-Identifier: Apache-2.0
// Finding, loading and recognising libwasmtime.
#pragma once

#include "adapter/host.h"
#include "wasmtime/wasmtime_api.h"

#include <string>

namespace sgperf::wasmtime {

struct Library {
  std::string path;
  std::string version; // "50", as the library itself says it
  Api api;
};

// Loads config->library, or the copy that the set-up fetched.  SGPERF_ENGINE_OK, NOT_FOUND or VERSION_REFUSED.
int load_library(const engine::Host &host, Library &out);

} // namespace sgperf::wasmtime
