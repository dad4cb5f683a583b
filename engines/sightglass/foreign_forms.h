// SPDX-License-Identifier: Apache-2.0
// The two foreign forms behind load_plugin().
#pragma once

#include "sgperf/engine.h"

#include <string>

namespace sgperf::engines {

// NULL: `error` names the missing symbol.
const sgperf_engine *wrap_wasm_bench(void *handle, const std::string &path, std::string &error);
const sgperf_engine *wrap_engine_0(void *handle, const std::string &path, std::string &error);

std::string name_of(const std::string &path); // "libfoo.so" -> "foo"
bool is_component(const uint8_t *wasm, size_t size);

} // namespace sgperf::engines
