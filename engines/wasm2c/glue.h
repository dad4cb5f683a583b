// SPDX-License-Identifier: Apache-2.0
// C text that joins wasm2c's output for one module to aot.h.
#pragma once

#include "adapter/module.h"

#include <string>

namespace sgperf::wasm2c {

// `header` is the header that wasm2c wrote for a module named "m" (-n m).
std::string make_glue(const engine::Interface &interface, const std::string &header);

} // namespace sgperf::wasm2c
