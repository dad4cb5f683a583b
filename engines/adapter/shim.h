// SPDX-License-Identifier: Apache-2.0
// The guest's world of a plug-in whose engine brings no WASI: our shim, opened from the configuration.
#pragma once

#include "adapter/host.h"
#include "wasi/wasi.h"

namespace sgperf::engine {

// Opens files.  SGPERF_ENGINE_OK, and *out is the caller's (sgperf_wasi_free); else the reason is logged.
int open_shim(const Host &host, sgperf_wasi **out);

} // namespace sgperf::engine
