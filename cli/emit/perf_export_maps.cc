// SPDX-License-Identifier: Apache-2.0
#include "emit/perf_export_maps.h"

#include <algorithm>

namespace sgperf::emit {

LiveCode::LiveCode(std::span<const merge::ExportFunction *const> functions) {
  for (const merge::ExportFunction *function : functions) {
    const uint64_t end = function->address + function->size;
    if (end > function->address)
      entries_.push_back({function->address, end, 0, function->load_time, function->unload_time});
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry &a, const Entry &b) { return a.begin < b.begin; });
  uint64_t last = 0;
  for (Entry &entry : entries_) entry.last_end = last = std::max(last, entry.end);
}

template <typename Each> void LiveCode::overlapping(uint64_t begin, uint64_t end, const Each &each) const {
  auto it = std::lower_bound(entries_.begin(), entries_.end(), end,
                             [](const Entry &entry, uint64_t address) { return entry.begin < address; });
  while (it != entries_.begin()) {
    --it;
    if (it->last_end <= begin) return;
    if (it->end > begin && !each(*it)) return;
  }
}

bool LiveCode::any_at(uint64_t time, uint64_t begin, uint64_t end) {
  const auto alive = [&](const Entry &entry) {
    return entry.load <= time && time < entry.unload && entry.begin < end && entry.end > begin;
  };
  if (last_found_ < entries_.size() && alive(entries_[last_found_])) return true;
  bool found = false;
  overlapping(begin, end, [&](const Entry &entry) {
    found = alive(entry);
    if (found) last_found_ = static_cast<size_t>(&entry - entries_.data());
    return !found;
  });
  return found;
}

std::vector<LiveCode::Range> LiveCode::at(uint64_t time, uint64_t begin, uint64_t end) const {
  std::vector<Range> out;
  overlapping(begin, end, [&](const Entry &entry) {
    if (entry.load <= time && time < entry.unload)
      out.push_back({std::max(begin, entry.begin), std::min(end, entry.end)});
    return true;
  });
  std::sort(out.begin(), out.end(), [](const Range &a, const Range &b) { return a.begin < b.begin; });
  size_t kept = 0;
  for (size_t i = 0; i < out.size(); ++i)
    if (kept && out[i].begin <= out[kept - 1].end)
      out[kept - 1].end = std::max(out[kept - 1].end, out[i].end);
    else
      out[kept++] = out[i];
  out.resize(kept);
  return out;
}

bool is_anonymous(std::string_view path) {
  // As is_anon_memory() and is_no_dso_memory() of perf's util/map.c.
  if (path == "//anon" || path.empty()) return true;
  for (const std::string_view begin : {"[anon", "/dev/zero", "/anon_hugepage", "/memfd:", "[stack", "/SYSV", "[heap"})
    if (path.starts_with(begin)) return true;
  return false;
}

std::vector<formats::JitMapping> again(std::span<const formats::JitMapping> mappings, uint64_t time,
                                       std::span<const LiveCode::Range> ranges) {
  std::vector<formats::JitMapping> out;
  for (const formats::JitMapping &mapping : mappings) {
    if (mapping.time > time) break;
    const uint64_t end = mapping.address + mapping.length;
    auto range = std::upper_bound(ranges.begin(), ranges.end(), mapping.address,
                                  [](uint64_t address, const LiveCode::Range &one) { return address < one.end; });
    for (; range != ranges.end() && range->begin < end; ++range) {
      const uint64_t first = std::max(range->begin, mapping.address), last = std::min(range->end, end);
      out.push_back({time, first, last - first, mapping.offset + (first - mapping.address)});
    }
  }
  return out;
}

} // namespace sgperf::emit
