// SPDX-License-Identifier: Apache-2.0
// Which of a process's mappings hold when there is code in them that was made at run time.  perf lets a newer mapping
// cover older ones; the kernel reports the pages of such code again whenever their protection changes, and its report
// would cover the code's own mapping.
#pragma once

#include "merge/profile_export.h"

#include <cstdint>
#include <span>
#include <vector>

namespace sgperf::emit {

// Of one process: answers for any range and time.
class LiveCode {
public:
  explicit LiveCode(std::span<const merge::ExportFunction *const> functions);
  // Ranges of [begin, end) where code is alive at that time, ascending and apart.
  struct Range {
    uint64_t begin = 0, end = 0;
  };
  std::vector<Range> at(uint64_t time, uint64_t begin, uint64_t end) const;
  bool any_at(uint64_t time, uint64_t begin, uint64_t end);

private:
  template <typename Each> void overlapping(uint64_t begin, uint64_t end, const Each &each) const;
  struct Entry {
    uint64_t begin, end, last_end; // last_end: the largest end so far
    uint64_t load, unload;
  };
  std::vector<Entry> entries_; // by address
  size_t last_found_ = 0;      // engines flip the same pages thousands of times: whom any_at() met lives mostly on
};

// No file is behind it: "//anon", "[anon:..]", "/memfd:..", "[heap]" and the like.
bool is_anonymous(std::string_view path);

// What of `mappings` (by time) shows at `time` in the ranges, as mappings of that time.
std::vector<formats::JitMapping> again(std::span<const formats::JitMapping> mappings, uint64_t time,
                                       std::span<const LiveCode::Range> ranges);

} // namespace sgperf::emit
