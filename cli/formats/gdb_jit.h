// SPDX-License-Identifier: Apache-2.0
// GDB's JIT interface, read from outside: the list of symbol files that engines keep in their memory for debuggers
// (https://sourceware.org/gdb/current/onlinedocs/gdb.html/JIT-Interface.html).  64-bit processes of our byte order:
//   struct jit_code_entry  { next, prev, symfile_addr: pointers; uint64_t symfile_size }                     32 bytes
//   struct jit_descriptor  { uint32_t version = 1, action_flag; relevant_entry, first_entry: pointers }      24 bytes
// The list is only guarded by a lock of the engine's own: it may change while it is read, so everything in it is
// checked, and `changed` says when the caller had better read once more.  It has no times: code is there since it was
// seen.
#pragma once

#include "formats/odd_counts.h"
#include "formats/read_memory.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sgperf::formats {

enum class GdbJitOdd : uint8_t {
  version,            // not 1; read all the same
  action,             // a flag that is none of 0 (none), 1 (register), 2 (unregister)
  entry_unreadable,   // a link leads to memory that is not there: the rest of the list is not known
  loop,               // a link leads to an entry that was there before; the list ends
  too_many_entries,   // more than the limit; the rest is left out
  bad_back_link,      // `prev` is not the entry before; used all the same
  symfile_empty,      // size or address 0; left out
  symfile_too_large,  // over a limit; the entry is kept, without bytes
  symfile_unreadable, // the entry is kept, without bytes
  symfile_not_elf,    // the bytes are kept
  count
};
const char *to_text(GdbJitOdd kind);

struct GdbJitEntry {
  uint64_t address = 0; // of the entry itself
  uint64_t symfile_address = 0, symfile_size = 0;
  std::string symfile; // `symfile_size` bytes as found, or none
  bool operator==(const GdbJitEntry &) const = default;
};

struct GdbJitLimits {
  uint64_t entries = 1 << 20;
  uint64_t symfile_bytes = uint64_t{1} << 30; // of one
  uint64_t all_bytes = uint64_t{4} << 30;     // of all together
};

struct GdbJit {
  uint32_t version = 0, action = 0;
  std::vector<GdbJitEntry> entries; // as the list has them: newest first
  bool changed = false;             // the descriptor was another one after reading than before
  OddCounts<GdbJitOdd> odd;
};

// `wanted`: whether to copy the symbol file of an entry (its bytes are not there yet); without it, of all.  What a
// caller has seen before, by address, symfile_address and symfile_size, it need not copy again. nullopt: the descriptor
// cannot be read; `error` says so.  Memory grows with what is really read, never by what the entries claim.
std::optional<GdbJit> read_gdb_jit(uint64_t descriptor, const ReadMemory &read, std::string &error,
                                   const GdbJitLimits &limits = {},
                                   const std::function<bool(const GdbJitEntry &)> &wanted = {});

} // namespace sgperf::formats
