// SPDX-License-Identifier: Apache-2.0
// The DWARF 4 sections of a JIT ELF.  For jit_elf.cc only.
#pragma once

#include "formats/jit_elf.h"

#include <string>
#include <vector>

namespace sgperf::formats {

// A function with lines, and where its first byte is in the ELF (virtual address = file offset there).
struct JitPlacedLines {
  const JitFunction *function = nullptr;
  uint64_t at = 0;
};

struct JitLineSections {
  std::string line, info, abbrev, ranges; // .debug_line, .debug_info, .debug_abbrev, .debug_aranges; empty: no lines
};

// `functions` by address in the ELF, `text_start` and `text_end` around all of them.
JitLineSections encode_jit_lines(const JitElfInput &input, const std::vector<JitPlacedLines> &functions,
                                 uint64_t text_start, uint64_t text_end);

} // namespace sgperf::formats
