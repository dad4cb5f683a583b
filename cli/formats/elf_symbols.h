// SPDX-License-Identifier: Apache-2.0
// Function symbols of native ELF files, through libelf: .symtab, else that of a separate debug file (build id, debug
// link), else .dynsym.
#pragma once

#include "formats/elf_symbols_debug.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::formats {

struct ElfSymbol {
  uint64_t address = 0; // as in the file: before the loader moved it; of an object file with its section's address
  uint64_t size = 0;    // 0 in the file: up to the next symbol or the end of the section
  std::string name;     // as it stands in the file, mangled
  bool contains(uint64_t at) const { return at >= address && at - address < size; }
};

// A loaded segment: file offsets of mappings <-> addresses of symbols.
struct ElfSegment {
  uint64_t offset = 0, file_size = 0, address = 0, memory_size = 0;
  bool executable = false;
};

class ElfSymbols {
public:
  // nullptr: not an ELF file that can be read; `error` says what was expected and found.  Without any symbol it is
  // still good for its segments and build id.
  static std::unique_ptr<ElfSymbols> open(const std::string &path, std::string &error,
                                          const DebugFolders &folders = {});
  // A file in memory: the vDSO.
  static std::unique_ptr<ElfSymbols> from_bytes(std::string bytes, std::string &error);

  const ElfSymbol *find(uint64_t address) const;                     // nullptr: none
  const std::vector<ElfSymbol> &symbols() const { return symbols_; } // by address, one an address
  const std::vector<ElfSegment> &segments() const { return segments_; }
  // Of an executable segment if one has that byte, else of any.
  std::optional<uint64_t> address_of_offset(uint64_t file_offset) const;
  std::optional<uint64_t> offset_of_address(uint64_t address) const;
  const std::string &build_id() const { return build_id_; } // hex; empty if it has none
  // Where the symbols are from: ".symtab", ".dynsym" or the path of a debug file; empty: there are none.
  const std::string &source() const { return source_; }

private:
  std::vector<ElfSymbol> symbols_;
  std::vector<ElfSegment> segments_;
  std::string build_id_, source_;
};

// The vDSO of this process: the kernel gives the same one to every process of the same width.  Empty: there is none.
std::string own_vdso();

} // namespace sgperf::formats
