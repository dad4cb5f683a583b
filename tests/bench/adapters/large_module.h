// SPDX-License-Identifier: Apache-2.0
// A module of 25 MB and more.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sgperf::bench {

// CPython from the cache where it is, else one that is made; `what` says which.
std::vector<uint8_t> large_module(std::string &what);
// Functions of arithmetic, memory and branches, all different, until there are `bytes`.
std::vector<uint8_t> made_module(size_t bytes);

} // namespace sgperf::bench
