// SPDX-License-Identifier: Apache-2.0
// Which Wasmi a library is: its C API has no version call, but the texts of its panics name source files of the crate.
#pragma once

#include <string>

namespace sgperf::wasmi_engine {

// "2.0.0"; empty where the library has no such text, or cannot be read.
std::string version_in_library(const std::string &path);

} // namespace sgperf::wasmi_engine
