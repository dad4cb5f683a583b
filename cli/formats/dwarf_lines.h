// SPDX-License-Identifier: Apache-2.0
// Address -> function, file, line and column from DWARF, by libdw.  What wasm_lines.h and native_lines.h share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct Dwarf; // of libdw

namespace sgperf::formats {

struct SourceFrame {
  std::string function; // linkage name where there is one (mangled), else the name; empty = not known
  std::string file;     // as in the debug information, with its directory; empty = not known
  uint32_t line = 0;    // 0 = not known
  uint32_t column = 0;
};

struct SourcePlace {
  // [0] is where the instruction is; then the functions it was inlined into, each with the place of the call; the last
  // is the function that has the code.
  std::vector<SourceFrame> frames;
};

class DwarfLines {
public:
  // `dwarf` stays the caller's and must live longer.  `split`: units may have their half in a .dwo file, whose path
  // they name; without it no other file is opened, whatever the data says.
  explicit DwarfLines(Dwarf *dwarf, bool split);
  ~DwarfLines();
  DwarfLines(const DwarfLines &) = delete;
  DwarfLines &operator=(const DwarfLines &) = delete;

  // nullptr: nothing is known of the address.  Valid as long as this object; answers are cached by address.
  const SourcePlace *find(uint64_t address);

private:
  struct Index;
  std::unique_ptr<Index> index_;
};

} // namespace sgperf::formats
