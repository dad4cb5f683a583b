// SPDX-License-Identifier: Apache-2.0
// Source lines of a module from its own DWARF: custom sections .debug_*, read by libdw through an ELF file that is made
// around them in memory.  Addresses in it count from the first byte of the Code section's payload.  A
// module that was rewritten (code_offsets.h) has the lines of the one that it was made from.
#pragma once

#include "formats/dwarf_lines.h"
#include "formats/wasm_module.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sgperf::formats {

class WasmLines {
public:
  // nullptr: no lines; `why` says what is missing or damaged and what to do.  The debug sections are copied: neither
  // argument is needed afterwards.
  static std::unique_ptr<WasmLines> open(std::string_view bytes, const WasmModule &module, std::string &why);
  ~WasmLines();

  // `position`: byte offset in the .wasm file, as CodeImage::file_position() gives it.  nullptr: nothing is known.
  // Valid as long as this object; answers are cached.
  const SourcePlace *find(uint64_t position);

private:
  struct Debug;
  explicit WasmLines(std::unique_ptr<Debug> debug);
  std::unique_ptr<Debug> debug_;
};

} // namespace sgperf::formats
