// SPDX-License-Identifier: Apache-2.0
// Making the folder of a new recording.
#pragma once

#include <filesystem>
#include <string>

namespace sgperf::record {

// Makes `folder`; an older recording there is kept as <folder>.old, anything else is left alone: false, and `error`.
bool make_recording(const std::filesystem::path &folder, std::string &error);

} // namespace sgperf::record
