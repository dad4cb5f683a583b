// SPDX-License-Identifier: Apache-2.0
// Source lines of native files, by libdw: of the file itself or of its separate debug file.  Each file is opened once,
// each address looked up once.
#pragma once

#include "formats/dwarf_lines.h"
#include "formats/elf_symbols_debug.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace sgperf::formats {

class NativeLines {
public:
  explicit NativeLines(DebugFolders folders = {});
  ~NativeLines();
  NativeLines(const NativeLines &) = delete;
  NativeLines &operator=(const NativeLines &) = delete;

  // `address` as in the file (ElfSymbols::address_of_offset).  `build_id` (hex): of what was running; a file at `path`
  // with another one has been replaced and is not looked at.  Empty: not known.  The key of the cache is the build id,
  // or the path without one.  nullptr: nothing is known; valid as long as this object.
  const SourcePlace *find(const std::string &path, const std::string &build_id, uint64_t address);
  // Why a file that was asked for has no lines, and what to do; empty: it has some, or was not asked for.
  std::string why_none(const std::string &path, const std::string &build_id) const;

private:
  struct File;
  DebugFolders folders_;
  std::map<std::string, std::unique_ptr<File>> files_;
};

} // namespace sgperf::formats
