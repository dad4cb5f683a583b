// SPDX-License-Identifier: Apache-2.0
// GDB's JIT interface and ELF files: which program or library keeps a list, and which functions a symbol file of the
// list has.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::formats {

// Offset in the file of its __jit_debug_descriptor; nullopt: it has none, or is no ELF file of 64 bits in this
// machine's byte order.  Reads tables of symbols only, the file may be large.
std::optional<uint64_t> gdb_jit_descriptor(const std::filesystem::path &file);

struct GdbJitFunction {
  uint64_t address = 0, size = 0; // in the process
  std::string name;               // as it stands in the symbol file
};

// By address.  A symbol file is an object file whose sections have the addresses at which they were loaded (LLVM, V8),
// or a file with addresses in its symbols.  Empty with `error`: it cannot be read.
std::vector<GdbJitFunction> gdb_jit_functions(std::string symfile, std::string &error);

} // namespace sgperf::formats
