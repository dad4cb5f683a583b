// SPDX-License-Identifier: Apache-2.0
// Machine code that was made at run time: by process, address and time, from all sources that tell of it.
#pragma once

#include "merge/code_timeline.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sgperf::merge {

// The better the further in front, where two tell of the same code and both have source lines, or neither has.
enum class CodeSource : uint8_t {
  registered, // sgperf_jit_register()
  jitdump,
  perf_map, // has no times: it holds from the start, and anything that has a time is believed more
  image,    // found in memory
  gdb_jit,  // a symbol file that was registered for GDB
  frames,   // an .eh_frame: ranges without names
  count
};

struct JitCode {
  uint32_t pid = 0;
  uint32_t origin = 0; // index of the image, the dump, ..: its source knows
  CodeSource source = CodeSource::registered;
  bool lines = false; // source lines are known of it
  uint64_t start = 0, end = 0;
  uint64_t loaded = 0, unloaded = UINT64_MAX; // CLOCK_MONOTONIC ns; loaded 0: not known
  uint64_t place = 0;                         // in the origin
  std::string_view text;                      // what the source calls it; owned by the source
  std::string_view code;                      // bytes, from `start` on; empty = not known; owned by the source
};

class CodeIndex {
public:
  static constexpr size_t none = SIZE_MAX;

  void reserve(size_t more) { entries_.reserve(entries_.size() + more); }
  size_t add(const JitCode &code); // its index in entries()
  // Entries [first, last) are gone from `time` on, if they were there.
  void unload(size_t first, size_t last, uint64_t time);
  void finish(); // after the last change, before the first find()

  // The code that was there at that time; nullptr: none.  Of one source the one that was loaded last.  Of several
  // sources: if they mean the same code (it begins at the same address, and the bytes are not others), the one with
  // source lines, else the better source; else the one that was loaded last.
  // `since`: what was loaded before is not there any more (the process has called exec).
  const JitCode *find(uint32_t pid, uint64_t address, uint64_t time, uint64_t since = 0) const;
  // Engines tell of code a little after it began to run: the first that came to the address up to `told_later` after
  // the time.  For when nobody knows of any before.
  const JitCode *find_later(uint32_t pid, uint64_t address, uint64_t time) const;
  static constexpr uint64_t told_later = 1'000'000'000;

  const std::vector<JitCode> &entries() const { return entries_; }
  size_t index_of(const JitCode &code) const { return static_cast<size_t>(&code - entries_.data()); }

private:
  using Timelines = std::array<CodeTimeline, static_cast<size_t>(CodeSource::count)>;
  std::vector<JitCode> entries_;
  std::unordered_map<uint32_t, Timelines> processes_;
};

} // namespace sgperf::merge
