// SPDX-License-Identifier: Apache-2.0
#include "merge/code_index.h"

#include <algorithm>

namespace sgperf::merge {
namespace {

// Two sources tell of one piece of code, not of what was there one after the other.
bool same_code(const JitCode &a, const JitCode &b) {
  const size_t known = std::min(a.code.size(), b.code.size());
  return a.start == b.start && a.code.substr(0, known) == b.code.substr(0, known);
}

// Whether `b` is to be believed rather than `a`.
bool better(const JitCode &a, const JitCode &b) {
  if (!same_code(a, b) && a.loaded != b.loaded) return b.loaded > a.loaded;
  if (a.lines != b.lines) return b.lines;
  return b.source < a.source;
}

} // namespace

size_t CodeIndex::add(const JitCode &code) {
  entries_.push_back(code);
  return entries_.size() - 1;
}

void CodeIndex::unload(size_t first, size_t last, uint64_t time) {
  for (size_t i = first; i < std::min(last, entries_.size()); ++i)
    if (entries_[i].loaded <= time && entries_[i].unloaded > time) entries_[i].unloaded = time;
}

void CodeIndex::finish() {
  processes_.clear();
  std::unordered_map<uint32_t, std::array<std::vector<CodeTimeline::Stay>, static_cast<size_t>(CodeSource::count)>> all;
  for (uint32_t i = 0; i < entries_.size(); ++i) {
    const JitCode &code = entries_[i];
    all[code.pid][static_cast<size_t>(code.source)].push_back({code.start, code.end, code.loaded, code.unloaded, i});
  }
  for (auto &[pid, sources] : all) {
    Timelines &timelines = processes_[pid];
    for (size_t source = 0; source < sources.size(); ++source) timelines[source].build(std::move(sources[source]));
  }
}

const JitCode *CodeIndex::find(uint32_t pid, uint64_t address, uint64_t time, uint64_t since) const {
  const auto process = processes_.find(pid);
  if (process == processes_.end()) return nullptr;
  const JitCode *best = nullptr;
  for (const CodeTimeline &timeline : process->second) {
    const uint32_t which = timeline.find(address, time);
    if (which == CodeTimeline::none) continue;
    const JitCode &code = entries_[which];
    if (code.loaded != 0 && code.loaded < since) continue;
    if (!best || better(*best, code)) best = &code;
  }
  return best;
}

const JitCode *CodeIndex::find_later(uint32_t pid, uint64_t address, uint64_t time) const {
  const auto process = processes_.find(pid);
  if (process == processes_.end()) return nullptr;
  const JitCode *best = nullptr;
  uint64_t earliest = time + told_later;
  for (const CodeTimeline &timeline : process->second) {
    uint64_t from = 0;
    const uint32_t which = timeline.next(address, time, from);
    if (which == CodeTimeline::none || from > earliest) continue;
    if (best && from == earliest && !better(*best, entries_[which])) continue;
    best = &entries_[which];
    earliest = from;
  }
  return best;
}

} // namespace sgperf::merge
