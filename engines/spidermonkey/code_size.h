// SPDX-License-Identifier: Apache-2.0
// Machine code of WebAssembly modules.
#pragma once

#include <jsapi.h>

#include <cstdint>

namespace sgperf::spidermonkey {

// Of all modules that are alive in the context, in bytes, whole pages of each compiler's code.  Walks the heap: for
// descriptions, not for measured regions.  0 = not known.
uint64_t wasm_code_size(JSContext *cx);

} // namespace sgperf::spidermonkey
