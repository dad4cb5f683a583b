// SPDX-License-Identifier: Apache-2.0
// Where the code of a rewritten module stood in the module it was made from.  Offsets count from the first byte of the
// Code section's payload, as addresses in DWARF do.  Kept in the module itself, in a custom section, and beside it as
// text.  docs/format.md, "Code offsets of a rewritten module".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::formats {

class CodeOffsets {
public:
  static constexpr std::string_view section_name = "sgperf.code_offsets";

  // From `now` on code stood at `before` and on; without it the code is new.  In ascending order of both; what follows
  // from the entry in front is not kept.
  void add(uint64_t now, std::optional<uint64_t> before);
  std::optional<uint64_t> before(uint64_t now) const;
  // Whether all that was there is where it was.
  bool all_in_place() const;

  // The section's content behind its name, and back.  nullopt: `error` says what was found.
  std::string section() const;
  static std::optional<CodeOffsets> parse(std::string_view section, std::string &error);
  // A line a piece: where it begins now and where it was, in decimal; `-` for code that is new.
  std::string text() const;

private:
  struct Piece {
    uint64_t now = 0;
    std::optional<uint64_t> before;
  };
  std::vector<Piece> pieces_;
};

} // namespace sgperf::formats
