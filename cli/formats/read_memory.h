// SPDX-License-Identifier: Apache-2.0
// How readers of another process's memory are given it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace sgperf::formats {

// Copies exactly `size` bytes at `address` of the process; false if any of them cannot be read.
using ReadMemory = std::function<bool(uint64_t address, void *out, size_t size)>;

} // namespace sgperf::formats
