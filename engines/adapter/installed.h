// SPDX-License-Identifier: Apache-2.0
// Engines that do not come with the system: `sgperf engines install` and the set-up put them into the cache.
#pragma once

#include "adapter/host.h"

#include <string>

namespace sgperf::engine {

// The folder of an engine, `folder` as "wasmtime-50.0.1": $SGPERF_CACHE, $XDG_CACHE_HOME/sgperf or ~/.cache/sgperf,
// then engines/ and the folder.  It need not exist.
std::string installed_engine(const Host &host, const std::string &folder);

} // namespace sgperf::engine
