// SPDX-License-Identifier: Apache-2.0
// What the files of programs and libraries, the kernel and the vDSO say of native code.  Files are opened once.
#pragma once

#include "formats/elf_symbols.h"
#include "formats/elf_symbols_kernel.h"
#include "formats/native_frames.h"
#include "formats/native_lines.h"
#include "merge/address_space.h"
#include "merge/profile.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sgperf::merge {

struct NativeName {
  // Demangled; without a symbol "[file+0x1234]", the offset of the function that has the address, where that is known,
  // so that its samples are one row; else of the address.
  std::string name;
  std::string module, path; // of the file; "[kernel]", "[unknown]", ..
  Side side = Side::unknown;
  bool named = false;
  bool starts_thread = false; // nobody of the thread called it
};

class NativeNames {
public:
  // `mapping`: nullptr = nothing is known of the address.
  NativeName user(const Mapping *mapping, uint64_t address);
  NativeName kernel(uint64_t address);
  // Code that the kernel made at run time (eBPF), from the recording: its own table has only what is loaded now.
  void add_kernel_code(uint64_t address, uint64_t size, std::string_view name);

  // As in the file's symbols; nullopt: not a file, or it cannot be read.
  std::optional<uint64_t> file_address(const Mapping &mapping, uint64_t address);
  const formats::SourcePlace *line(const Mapping &mapping, uint64_t address);
  const formats::NativeFrame *frame(const Mapping &mapping, uint64_t address);

  // Why the kernel has no names; empty: it has, or was not asked.
  std::string kernel_why() const { return kernel_ ? kernel_->why() : std::string(); }
  // Why a file that was asked for lines has none, and what to do; empty: it has, or was not asked.
  std::string lines_why(const MappedFile &file) const { return lines_.why_none(file.path, file.build_id); }

private:
  const formats::ElfSymbols *symbols(const MappedFile &file);
  std::unordered_map<const MappedFile *, std::unique_ptr<formats::ElfSymbols>> files_; // nullptr: cannot be read
  std::unique_ptr<formats::KernelSymbols> kernel_;
  struct KernelCode {
    uint64_t size = 0;
    std::string name;
  };
  std::map<uint64_t, KernelCode> kernel_code_; // by address
  formats::NativeLines lines_;
  formats::NativeFrames frames_;
};

// By the file's name: libc and what belongs to it.
bool is_libc(const std::string &file_name);

} // namespace sgperf::merge
