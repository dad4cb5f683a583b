// SPDX-License-Identifier: Apache-2.0
// All machine code that one process made at run time as one ELF, and the mappings that show it to perf: `perf report`,
// `perf annotate` and the others then need no `perf inject` and no file a function.  The ELF is ET_DYN with .text,
// .symtab, .strtab, a build id and, where lines are known, one DWARF 4 compilation unit with a line table.
#pragma once

#include "formats/perf_event.h"

#include <elf.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::formats {

// From `address` on, until the next one of the function: this source line.
struct JitLine {
  uint64_t address = 0; // in the process
  uint32_t file = 0;    // index in JitElfInput::files
  uint32_t line = 0;    // 0: none known for these bytes
  uint32_t column = 0;  // 0: not known
};

struct JitFunction {
  std::string_view name; // as it is to be shown; any characters but NUL
  uint64_t address = 0, size = 0;
  // ns, the samples' clock.  Of functions at one address with one load time the later one in the input covers the
  // other.
  uint64_t load_time = 0, unload_time = UINT64_MAX;
  std::string_view code;          // of `size` bytes; shorter (a perf map has none): the rest is zero in the ELF
  std::span<const JitLine> lines; // by address; those outside the function are left out
};

// Borrowed until build_jit_elf() returns.
struct JitElfInput {
  std::span<const JitFunction> functions;  // in any order
  std::span<const std::string_view> files; // source files, absolute or relative to `directory`
  std::string_view directory;              // DW_AT_comp_dir; may be empty
  uint16_t machine = EM_X86_64;
};

// Bytes [offset, offset + length) of the ELF are at `address` from `time` on.
struct JitMapping {
  uint64_t time = 0, address = 0, length = 0, offset = 0;
};

struct JitElf {
  std::string bytes;                // the file
  PerfBuildIdBytes build_id;        // 20 bytes, of its content: equal input, equal id
  std::vector<JitMapping> mappings; // by time; of one time, what covers others comes later
  uint64_t functions = 0;
  uint64_t left_out = 0; // of size 0, wrapping the address space, or all of the file would pass 4 GiB
};

// Code that lies together is one mapping, also over the padding between functions.  Where an address was used again,
// the later function is a mapping of its own from its load time on: perf lets a newer mapping cover the older one.
JitElf build_jit_elf(const JitElfInput &input);

// The record for a mapping: PerfDataWriter::mmap(to_perf_mmap(..), {.pid = pid, .tid = pid, .time = mapping.time}).
// `path` is the absolute path the ELF gets; both are borrowed.  Mappings that the kernel reported for the same range
// later than `time` (//anon, [anon:..], /memfd:) would cover it: leave those out, as `perf inject` does.
PerfMmap to_perf_mmap(const JitMapping &mapping, uint32_t pid, const JitElf &elf, std::string_view path);

} // namespace sgperf::formats
