// SPDX-License-Identifier: Apache-2.0
// What an engine tells perf about its code: jit-PID.dump.  Layout: tools/perf/Documentation/jitdump-specification.txt,
// and perf's own reader (util/jitdump.c) and the engines where they differ from it.
//
// The reader is for files of living, killed and broken writers: nothing after the first header is fatal, every odd
// thing is counted by kind, and a damaged stretch is stepped over.  A record is known by its offset in the file, never
// by its code_index: two engines in one process append to the same file and both count from 0.
#pragma once

#include "formats/jit_elf.h"
#include "formats/odd_counts.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::formats {

enum class JitdumpOdd : uint8_t {
  truncated,            // the last record is not all there: normal while the writer lives or if it was killed
  damaged,              // a record of fewer than 16 bytes, beyond the end of the file, or of a nonsensical id
  resumed,              // reading went on at a later record; `skipped_bytes` are between
  unknown_record,       // of an id that is not in the specification; skipped
  short_record,         // known, but smaller than its fixed part; skipped
  second_header,        // another engine (or run) began to write behind the first one
  header_differs,       // .. with another clock or machine
  impossible_range,     // code that wraps the address space or is larger than 2 GiB; left out
  code_missing,         // code_size is more than the record has: name and range are kept, without bytes
  code_empty,           // code of size 0; kept
  name_unterminated,    // the name runs into the code or the record's end
  name_empty,           //
  out_of_order,         // time before that of the record in front (JSC: written later than stamped); sorted
  index_repeated,       // the same code_index again: two writers
  lines_without_code,   // debug info that no load of its address followed
  lines_torn,           // fewer entries in the record than it says
  line_outside_code,    // entries whose address is not in the code; left out
  line_file_unreadable, // entries (V8) whose file name is garbage: line and column are kept, file 0
  line_file_repaired,   // entries (V8) whose file name is garbage, but the function's name has it
  lines_unsorted,       // functions whose entries were not in the order of addresses; sorted
  unwinding_torn,       // sizes that do not fit into the record; left out
  unwinding_without_code,
  count
};
const char *to_text(JitdumpOdd kind);

struct JitdumpHeader {
  uint32_t version = 1;
  uint32_t elf_machine = 62; // EM_X86_64
  uint32_t pid = 0;          // as the process sees itself
  uint64_t time = 0;         // V8: microseconds of the wall clock; of no use
  uint64_t flags = 0;
  uint32_t pad = 0;

  // Times are CLOCK_MONOTONIC ns unless the flag says that they are the processor's (TSC).
  bool arch_time() const { return flags & 1; }
  bool v8() const { return pad == 0xDEADBEEF; }
};

enum class JitdumpKind : uint8_t { load, move, close };

struct JitdumpEvent {
  JitdumpKind kind = JitdumpKind::load;
  uint32_t pid = 0, tid = 0; // of load and move
  uint64_t time = 0;         // as in the file: JitdumpHeader::arch_time()
  uint64_t offset = 0;       // of the record in the file: its identity
  uint64_t address = 0;      // load: of the code; move: the new one
  uint64_t old_address = 0;  // move
  uint64_t size = 0;         // bytes of code
  uint64_t vma = 0, index = 0;
  std::string_view name; // load; any bytes
  std::string_view code; // load: `size` bytes, or none (JitdumpOdd::code_missing)
  size_t first_line = 0, line_count = 0;
  uint32_t unwinding = 0; // index in Jitdump::unwindings; 0: none
};

// Of one load.  In the file the order of the two is not the same in the specification and in practice; here it is told.
struct JitdumpUnwinding {
  std::string_view eh_frame, eh_frame_hdr;
  uint64_t mapped_size = 0; // 0: not in the target's memory
};

// All views are into the bytes that were read.
struct Jitdump {
  JitdumpHeader header;                     // the first one
  bool swapped = false;                     // written on a machine of the other byte order
  bool v8 = false;                          // one of the writers is V8
  std::vector<JitdumpEvent> events;         // by time, equal times by offset
  std::vector<JitLine> lines;               // a load's are together and by address
  std::vector<std::string_view> files;      // of lines; [0] is empty: not known
  std::vector<JitdumpUnwinding> unwindings; // [0] is none
  uint64_t loads = 0;
  uint64_t end = 0;           // first byte behind the last whole record
  uint64_t skipped_bytes = 0; // of damaged stretches
  OddCounts<JitdumpOdd> odd;

  std::span<const JitLine> lines_of(const JitdumpEvent &event) const {
    return std::span(lines).subspan(event.first_line, event.line_count);
  }
};

// nullopt: these bytes do not begin with a jitdump's header; `error` says what was expected and found.
// The time taken is linear in the size, the memory bounded by a small multiple of it.
std::optional<Jitdump> read_jitdump(std::string_view bytes, std::string &error);

} // namespace sgperf::formats
