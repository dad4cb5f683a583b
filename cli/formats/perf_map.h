// SPDX-License-Identifier: Apache-2.0
// perf-PID.map: one `START SIZE NAME` a line, hexadecimal.  By tools/perf/Documentation/jit-interface.txt there is no
// 0x and one blank, but wasmtime and wasmer write 0x, WAMR writes two blanks, and all are read here.  The file has no
// times: what a later line says about an address holds from some time on, which only snapshots of the file can tell.
#pragma once

#include "formats/odd_counts.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::formats {

enum class PerfMapOdd : uint8_t {
  prefixed,         // 0x in front of a number
  blanks,           // more than one blank, or tabs, between the fields or in front of them
  carriage_return,  // \r\n
  unfinished,       // the last line has no newline: it may still grow, its name may be cut
  zero_size,        // kept
  duplicate,        // the same start again: the later line holds, the earlier one is `superseded`
  not_utf8,         // names; kept as they are
  over_long,        // names of more than `longest_perf_map_name` bytes, cut there
  no_name,          // two numbers and nothing else; kept
  not_a_line,       // no two numbers; left out
  number_too_large, // beyond 64 bits; left out
  impossible_range, // beyond the address space; left out
  count
};
const char *to_text(PerfMapOdd kind);

constexpr size_t longest_perf_map_name = 4096;

struct PerfMapEntry {
  uint64_t address = 0, size = 0;
  std::string_view name; // of the text that was read
  uint64_t line = 0;     // 1 is the file's first
  bool superseded = false;
};

struct PerfMap {
  std::vector<PerfMapEntry> entries; // in the order of the file
  uint64_t lines = 0;                // empty ones included
  OddCounts<PerfMapOdd> odd;
};

// Every text is a perf map; in the worst case one of odd lines only.
PerfMap read_perf_map(std::string_view text);

// With the newline; as the documentation has it.  What would end or split a line (control characters) becomes a blank,
// bytes that are not UTF-8 become U+FFFD, and a function without a name gets one, because readers give up at a line
// without it.
void append_perf_map_line(std::string &out, uint64_t address, uint64_t size, std::string_view name);

} // namespace sgperf::formats
