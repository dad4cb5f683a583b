// SPDX-License-Identifier: Apache-2.0
// Finding, loading and recognising libjavascriptcoregtk.
#pragma once

#include "adapter/host.h"
#include "jsc/jsc_api.h"

#include <string>

namespace sgperf::jsc {

struct Library {
  std::string path;
  std::string version; // of WebKitGTK, "2.50.6"
  Api api;
};

// Loads config->library, or the first of the system's.  The library then stays: its threads do.  Nothing of the engine
// is started.  SGPERF_ENGINE_OK, NOT_FOUND or VERSION_REFUSED, logged.
int load_library(const engine::Host &host, Library &out);

} // namespace sgperf::jsc
