// SPDX-License-Identifier: Apache-2.0
// Where the running kernel lies: without this record stock perf has no names for its addresses.
#pragma once

#include "formats/perf_data.h"

#include <cstdint>
#include <optional>

namespace sgperf::run {

struct KernelMap {
  uint64_t text = 0, length = 0;      // from _text up to where modules may lie
  formats::PerfBuildIdBytes build_id; // of /sys/kernel/notes; empty: not readable
};

// nullopt: kernel.kptr_restrict hides the addresses from this user.
std::optional<KernelMap> kernel_map();

// As perf names them (tools/perf/util/machine.c): the symbol is what the address is of.
inline constexpr char kernel_map_name[] = "[kernel.kallsyms]_text", kernel_file_name[] = "[kernel.kallsyms]";

} // namespace sgperf::run
