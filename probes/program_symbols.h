// SPDX-License-Identifier: Apache-2.0
// Where the machine code of eBPF programs lies, ours and those of others: samples in it have names only as long as the
// programs are loaded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sgperf::probes {

// One function: programs have one, and one more for each that is not inlined.
struct ProgramSymbol {
  uint64_t address = 0;
  uint32_t length = 0;
  std::string name; // as in /proc/kallsyms: bpf_prog_<tag>_<function>
  bool operator==(const ProgramSymbol &) const = default;
};

// Of all programs that are loaded now.  Empty without the privileges to see them (CAP_SYS_ADMIN, and
// kernel.kptr_restrict for addresses).  A few system calls a program.
std::vector<ProgramSymbol> program_symbols();

} // namespace sgperf::probes
