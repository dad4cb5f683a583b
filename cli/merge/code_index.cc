// SPDX-License-Identifier: Apache-2.0
#include "merge/code_index.h"

#include <algorithm>

namespace sgperf::merge {

void CodeIndex::unload(uint32_t pid, uint64_t start, uint64_t end, uint64_t time) {
  for (JitCode &code : entries_)
    if (code.pid == pid && code.start >= start && code.start < std::max(end, start + 1) && code.loaded <= time &&
        code.unloaded > time)
      code.unloaded = time;
}

void CodeIndex::finish() {
  processes_.clear();
  for (uint32_t i = 0; i < entries_.size(); ++i) processes_[entries_[i].pid].order.push_back(i);
  for (auto &[pid, process] : processes_) {
    std::sort(process.order.begin(), process.order.end(),
              [&](uint32_t a, uint32_t b) { return entries_[a].start < entries_[b].start; });
    uint64_t highest = 0;
    for (const uint32_t i : process.order) process.highest.push_back(highest = std::max(highest, entries_[i].end));
  }
}

const JitCode *CodeIndex::find(uint32_t pid, uint64_t address, uint64_t time) const {
  const auto process = processes_.find(pid);
  if (process == processes_.end()) return nullptr;
  const auto &order = process->second.order;
  auto at = std::upper_bound(order.begin(), order.end(), address,
                             [&](uint64_t value, uint32_t i) { return value < entries_[i].start; });
  const JitCode *best = nullptr;
  while (at != order.begin()) {
    --at;
    if (process->second.highest[static_cast<size_t>(at - order.begin())] <= address) break;
    const JitCode &code = entries_[*at];
    if (address >= code.end || time < code.loaded || time >= code.unloaded) continue;
    const auto rank = [](const JitCode &one) { return std::pair(one.image >= 0, one.loaded); };
    if (!best || rank(code) > rank(*best)) best = &code;
  }
  return best;
}

} // namespace sgperf::merge
