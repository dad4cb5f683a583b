// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sgperf::run {

uint64_t monotonic_ns() noexcept;
uint64_t monotonic_raw_ns() noexcept;
uint64_t realtime_ns() noexcept;
uint64_t boottime_ns() noexcept;
// CPU time of all threads of this process; children are in UsageReading.
uint64_t process_cpu_ns() noexcept;

} // namespace sgperf::run
