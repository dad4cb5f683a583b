// SPDX-License-Identifier: Apache-2.0
// Names and lines of native code: files that were mapped, the kernel, the vDSO.  Files are opened once.
#pragma once

#include "formats/elf_symbols.h"
#include "formats/elf_symbols_kernel.h"
#include "formats/native_lines.h"
#include "merge/address_space.h"
#include "merge/profile.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace sgperf::merge {

struct NativeName {
  std::string name, module, path;
  Side side = Side::unknown;
  bool named = false;
  uint64_t file_address = 0; // as in the file's symbols; for lines
};

class NativeNames {
public:
  NativeName user(const Mapping *mapping, uint64_t address);
  NativeName kernel(uint64_t address);
  const formats::SourcePlace *line(const Mapping &mapping, uint64_t file_address);
  // Why the kernel has no names; empty: it has, or was not asked.
  std::string kernel_why() const { return kernel_ ? kernel_->why() : std::string(); }

private:
  const formats::ElfSymbols *symbols(const Mapping &mapping);
  std::map<std::string, std::unique_ptr<formats::ElfSymbols>> files_; // by path; nullptr: cannot be read
  std::unique_ptr<formats::KernelSymbols> kernel_;
  formats::NativeLines lines_;
};

// By the file's name: libc and what belongs to it.
bool is_libc(const std::string &file_name);

} // namespace sgperf::merge
