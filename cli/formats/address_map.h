// SPDX-License-Identifier: Apache-2.0
// Wasmtime's section .wasmtime.addrmap: from offsets in the machine code to byte offsets in the .wasm file.
//
// Two layouts, told apart by structure, not by version (little-endian):
//   flat     u32 count, count x u32 text offset, count x u32 file position (0xffffffff = none)
//   blocks   u32 entries, u32 blocks, blocks x {u32 first text offset, u32 position in the bodies}, then the bodies:
//   128
//            entries a block (the last has the rest), each ULEB (delta of the text offset << 1 | none) and, unless
//            none, a file position: a block's first is ULEB and absolute, the later ones are SLEB deltas.  (Since
//            about 48.)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::formats {

class AddressMap {
public:
  struct Entry {
    uint32_t text_offset = 0;   // an entry holds up to the next one
    uint32_t file_position = 0; // `none`: code that no instruction of the module stands for
    bool operator==(const Entry &) const = default;
  };
  static constexpr uint32_t none = UINT32_MAX;

  AddressMap() = default;
  // nullopt: neither layout; `error` says why.  Memory is at most 8 times the size of `section`.
  static std::optional<AddressMap> parse(std::string_view section, std::string &error);

  // The last entry at or below the offset; nullptr: there is none.  It may belong to an earlier function: code without
  // entries (trampolines) stands behind code that has some.  CodeImage::file_position() knows the bounds.
  const Entry *find(uint64_t text_offset) const;
  const std::vector<Entry> &entries() const { return entries_; } // ascending
  bool in_blocks() const { return in_blocks_; }                  // the later layout

private:
  std::vector<Entry> entries_;
  bool in_blocks_ = false;
};

} // namespace sgperf::formats
