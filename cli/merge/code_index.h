// SPDX-License-Identifier: Apache-2.0
// Machine code that was made at run time: by process, address and time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::merge {

struct JitCode {
  uint32_t pid = 0;
  uint64_t start = 0, end = 0;
  uint64_t loaded = 0, unloaded = UINT64_MAX; // CLOCK_MONOTONIC ns
  std::string name;                           // "module!function"
  std::string module, tier;
  bool guest = true;     // false: trampolines and stubs of the engine
  bool named = true;     // false: the name is made of an index or an address
  std::string_view code; // bytes, from `start` on; empty = not known.  Owned by the source.
  // Where lines come from: index of the image and offset in its text; -1 = none.
  int image = -1;
  uint64_t text_offset = 0;
};

class CodeIndex {
public:
  void add(JitCode code) { entries_.push_back(std::move(code)); }
  // What was loaded at `start` (or in an image from `start` to `end`) before `time` is gone from then on.
  void unload(uint32_t pid, uint64_t start, uint64_t end, uint64_t time);
  void finish(); // after the last add(), before the first find()
  // The code that was there at that time; of several the one with lines, then the one that was loaded last.
  const JitCode *find(uint32_t pid, uint64_t address, uint64_t time) const;
  const std::vector<JitCode> &entries() const { return entries_; }

private:
  struct OfProcess {
    std::vector<uint32_t> order;   // entries by start
    std::vector<uint64_t> highest; // of the ends of order[0..i]: where a search backwards may stop
  };
  std::vector<JitCode> entries_;
  std::map<uint32_t, OfProcess> processes_;
};

} // namespace sgperf::merge
