// SPDX-License-Identifier: Apache-2.0
// Ranges of functions from an .eh_frame alone: what engines without an ELF image (Wasmer) give to __register_frame().
// Layout: Linux Standard Base, "Exception Frames", and DWARF's call frame information.
#pragma once

#include "formats/code_image.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace sgperf::formats {

enum class FrameOdd : uint8_t { cie_unknown, fde_without_cie, fde_without_range, count };
const char *to_text(FrameOdd kind);

struct FrameRanges {
  struct Range {
    uint64_t start = 0, size = 0; // addresses in the process
    bool operator==(const Range &) const = default;
  };
  std::vector<Range> ranges; // in the section's order: Wasmer's is that of the function indices
  uint64_t length = 0;       // bytes up to and with the terminator
  bool terminated = false;   // false: cut
  OddCounts<FrameOdd> odd;   // entries that were left out
};

// `bytes` as they stand at `address`.
FrameRanges parse_frames(std::string_view bytes, uint64_t address);
// From memory, up to the terminator, at most `max_length` bytes.
FrameRanges read_frames(const ReadMemory &read, uint64_t address, uint64_t max_length = uint64_t{64} << 20);

} // namespace sgperf::formats
