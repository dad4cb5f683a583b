// SPDX-License-Identifier: Apache-2.0
// Wasmtime's own WASI preview 1, set up from the configuration.
#pragma once

#include "adapter/host.h"
#include "wasmtime/wasmtime_api.h"

namespace sgperf::wasmtime {

// Opens and truncates files; outside of every region.  nullptr: logged.
wasi_config_t *make_wasi(const engine::Host &host, const Api &api);

} // namespace sgperf::wasmtime
