// SPDX-License-Identifier: Apache-2.0
#include "merge/code_timeline.h"

#include <algorithm>
#include <map>

namespace sgperf::merge {
namespace {

using Stay = CodeTimeline::Stay;

bool by_start(const Stay &a, const Stay &b) {
  return a.start < b.start;
}
bool by_time(const Stay &a, const Stay &b) {
  return a.from < b.from;
}

// What happened in the order of time, on a map of what is there now.
class Replay {
public:
  explicit Replay(std::vector<Stay> stays) : in_(std::move(stays)), at_(in_.size()) {}

  std::vector<Stay> run() {
    std::vector<uint32_t> ends;
    for (uint32_t i = 0; i < in_.size(); ++i)
      if (in_[i].to != UINT64_MAX) ends.push_back(i);
    std::sort(ends.begin(), ends.end(), [&](uint32_t a, uint32_t b) { return in_[a].to < in_[b].to; });
    size_t next_end = 0;
    for (uint32_t i = 0; i < in_.size(); ++i) {
      for (; next_end < ends.size() && in_[ends[next_end]].to <= in_[i].from; ++next_end) end(ends[next_end]);
      load(i);
    }
    for (; next_end < ends.size(); ++next_end) end(ends[next_end]);
    for (const auto &[start, piece] : now_) out(start, piece, UINT64_MAX);
    return std::move(out_);
  }

private:
  struct Piece {
    uint64_t end = 0, from = 0;
    uint32_t which = 0; // index in in_
  };

  void out(uint64_t start, const Piece &piece, uint64_t to) {
    if (piece.from < to) out_.push_back({start, piece.end, piece.from, to, in_[piece.which].code});
  }
  void put(uint64_t start, const Piece &piece) {
    now_[start] = piece;
    at_[piece.which].push_back(start);
  }
  void load(uint32_t i) {
    const Stay &stay = in_[i];
    auto at = now_.upper_bound(stay.start);
    if (at != now_.begin() && std::prev(at)->second.end > stay.start) --at;
    while (at != now_.end() && at->first < stay.end) {
      const uint64_t start = at->first;
      const Piece old = at->second;
      at = now_.erase(at);
      Piece covered = old;
      covered.end = std::min(old.end, stay.end);
      out(std::max(start, stay.start), covered, stay.from);
      if (start < stay.start) put(start, {stay.start, old.from, old.which});
      if (old.end > stay.end) {
        put(stay.end, old);
        at = now_.upper_bound(stay.end);
      }
    }
    put(stay.start, {stay.end, stay.from, i});
  }
  void end(uint32_t i) {
    for (const uint64_t start : at_[i]) {
      const auto at = now_.find(start);
      if (at == now_.end() || at->second.which != i) continue; // covered meanwhile
      out(start, at->second, in_[i].to);
      now_.erase(at);
    }
    at_[i].clear();
  }

  std::vector<Stay> in_, out_;
  std::map<uint64_t, Piece> now_;         // by start
  std::vector<std::vector<uint64_t>> at_; // of each: where pieces of it are, or were
};

} // namespace

void CodeTimeline::build(std::vector<Stay> stays) {
  std::erase_if(stays, [](const Stay &stay) { return stay.start >= stay.end || stay.from >= stay.to; });
  std::vector<Stay> placed = stays;
  if (!std::is_sorted(placed.begin(), placed.end(), by_start)) std::sort(placed.begin(), placed.end(), by_start);
  apart_ = std::adjacent_find(placed.begin(), placed.end(),
                              [](const Stay &a, const Stay &b) { return b.start < a.end; }) == placed.end();
  if (apart_) {
    stays_ = std::move(placed);
    return;
  }
  std::stable_sort(stays.begin(), stays.end(), by_time);
  stays_ = Replay(std::move(stays)).run();
  std::sort(stays_.begin(), stays_.end(), by_time);
  build_tree();
}

void CodeTimeline::build_tree() {
  edges_.clear();
  for (const Stay &stay : stays_) edges_.insert(edges_.end(), {stay.start, stay.end});
  std::sort(edges_.begin(), edges_.end());
  edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());

  // A segment tree: a range of addresses is at most 2 log n nodes.
  const size_t leaves = edges_.empty() ? 0 : edges_.size() - 1;
  const auto each = [&](const Stay &stay, auto visit) {
    const auto leaf = [&](uint64_t edge) {
      return static_cast<size_t>(std::lower_bound(edges_.begin(), edges_.end(), edge) - edges_.begin()) + leaves;
    };
    for (size_t left = leaf(stay.start), right = leaf(stay.end); left < right; left /= 2, right /= 2) {
      if (left & 1) visit(left++);
      if (right & 1) visit(--right);
    }
  };
  first_.assign(2 * leaves + 1, 0);
  for (const Stay &stay : stays_) each(stay, [&](size_t node) { ++first_[node + 1]; });
  for (size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
  members_.resize(first_.back());
  std::vector<uint32_t> filled(first_.begin(), first_.end());
  for (uint32_t i = 0; i < stays_.size(); ++i) each(stays_[i], [&](size_t node) { members_[filled[node]++] = i; });
}

const Stay *CodeTimeline::stay_at(uint64_t address) const {
  const auto later = std::upper_bound(stays_.begin(), stays_.end(), address,
                                      [](uint64_t value, const Stay &stay) { return value < stay.start; });
  return later != stays_.begin() && address < (later - 1)->end ? &*(later - 1) : nullptr;
}

template <typename Visit> void CodeTimeline::each_node(uint64_t address, Visit visit) const {
  const auto edge = std::upper_bound(edges_.begin(), edges_.end(), address);
  if (edge == edges_.begin() || edge == edges_.end()) return;
  const size_t leaves = edges_.size() - 1;
  for (size_t node = static_cast<size_t>(edge - edges_.begin()) - 1 + leaves; node > 0; node /= 2)
    if (first_[node] != first_[node + 1]) visit(members_.begin() + first_[node], members_.begin() + first_[node + 1]);
}

uint32_t CodeTimeline::find(uint64_t address, uint64_t time) const {
  if (apart_) {
    const Stay *stay = stay_at(address);
    return stay && stay->from <= time && time < stay->to ? stay->code : none;
  }
  uint32_t found = none;
  each_node(address, [&](auto begin, auto end) {
    const auto later =
        std::upper_bound(begin, end, time, [&](uint64_t value, uint32_t i) { return value < stays_[i].from; });
    if (later != begin && time < stays_[*(later - 1)].to) found = stays_[*(later - 1)].code;
  });
  return found;
}

uint32_t CodeTimeline::next(uint64_t address, uint64_t time, uint64_t &from) const {
  if (apart_) {
    const Stay *stay = stay_at(address);
    if (!stay || stay->from <= time) return none;
    from = stay->from;
    return stay->code;
  }
  uint32_t found = none;
  each_node(address, [&](auto begin, auto end) {
    const auto later =
        std::upper_bound(begin, end, time, [&](uint64_t value, uint32_t i) { return value < stays_[i].from; });
    if (later == end || (found != none && stays_[*later].from >= from)) return;
    found = stays_[*later].code;
    from = stays_[*later].from;
  });
  return found;
}

} // namespace sgperf::merge
