// SPDX-License-Identifier: Apache-2.0
// A workload's module, read and not run.
#pragma once

#include "formats/wasm_contents.h"
#include "run/workload.h"

#include <optional>
#include <string>

namespace sgperf::run {

// nullopt: `error` says with the path what was expected and found: no file, no WebAssembly, a component, a native
// object.
std::optional<formats::WasmContents> workload_contents(const Workload &workload, std::string &error);

} // namespace sgperf::run
