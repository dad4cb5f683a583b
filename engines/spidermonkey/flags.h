// SPDX-License-Identifier: Apache-2.0
// --engine-flags of SpiderMonkey.
#pragma once

#include "adapter/host.h"

#include <jsapi.h>

namespace sgperf::spidermonkey {

// --NAME=NUMBER for each JIT option of jsapi.h by its own name: --wasm.fold-offsets=0, --spectre.index-masking=0.
// SGPERF_ENGINE_OK, or FLAGS, logged.
int apply_flags(const engine::Host &host, JSContext *cx);

} // namespace sgperf::spidermonkey
