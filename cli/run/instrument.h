// SPDX-License-Identifier: Apache-2.0
// Modules whose bench.start and bench.end are system calls that libsgperf takes for marks (libsgperf/mark_layout.h).
#pragma once

#include "formats/wasm_rewrite.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace sgperf::run {

// nullopt: `error` says what was expected and found (formats/wasm_rewrite.h).
std::optional<formats::RewrittenModule> instrument(std::string_view module, formats::WasmMark::Call call,
                                                   std::string &error);
// The same of a file, which is read whole.
std::optional<formats::RewrittenModule> instrument_file(const std::filesystem::path &module,
                                                        formats::WasmMark::Call call, std::string &error);

} // namespace sgperf::run
