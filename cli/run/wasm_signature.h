// SPDX-License-Identifier: Apache-2.0
// Types of an export's parameters, read from the module.
#pragma once

#include <string>
#include <vector>

namespace sgperf::run {

// "i32" "i64" "f32" "f64" each; empty when the file is no module, has no such function, or is damaged.
std::vector<std::string> parameter_kinds(const std::string &path, const std::string &function);

} // namespace sgperf::run
