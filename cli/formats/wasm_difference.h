// SPDX-License-Identifier: Apache-2.0
// Two builds of one module: where they differ, section by section.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sgperf::formats {

// A line for each section that is not the same ("custom .debug_str: 812 bytes and 840, first difference at byte 17 of
// it, file offset 0x2f3"), or that only one has.  Of code also the first function that differs, by its name.  Empty:
// the bytes are the same.  What is no module is compared as a whole.
std::vector<std::string> wasm_differences(std::string_view one, std::string_view other);

} // namespace sgperf::formats
