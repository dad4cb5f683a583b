// SPDX-License-Identifier: Apache-2.0
#include "merge/regions.h"

#include "formats/clamped.h"
#include "record/region_tag.h"

#include <algorithm>
#include <set>

namespace sgperf::merge {
namespace {

constexpr uint32_t most_sites = 1 << 20; // a session has fewer; ids of damaged files are not believed

} // namespace

uint32_t Regions::Table::index(const std::string &name) {
  if (name.empty()) return 0;
  const auto [at, added] = known.try_emplace(name, static_cast<uint32_t>(names.size()));
  if (added) names.push_back(name);
  return at->second;
}

void Regions::add(const record::Session &session) {
  const uint32_t pid = session.header.pid;
  Names names;
  names.from = session.header.start.monotonic;
  for (const record::SessionSite &site : session.sites) {
    if (site.id == 0 || site.id >= most_sites) continue;
    if (site.id >= names.sites.size()) names.sites.resize(site.id + 1);
    names.sites[site.id] = site.name;
  }
  // Phases that hooks saw follow each other to the end of the program, so what has none was before them.
  if (!session.phases.empty() && session.phases.front().process)
    names.first = phase_table_.index(session.phases.front().name);
  if (session.header.end.uncertainty != 0) {
    names.until = session.header.end.monotonic;
    if (!session.phases.empty() && session.phases.back().process)
      names.last = phase_table_.index(session.phases.back().name);
  }
  auto &all = sites_[pid];
  all.push_back(std::move(names));
  std::sort(all.begin(), all.end(), [](const Names &a, const Names &b) { return a.from < b.from; });

  for (const record::SessionPhase &phase : session.phases) {
    const double begin = session.monotonic_ns(phase.t0);
    if (phase.t0 == 0 || begin <= 0) continue;
    Span span;
    span.begin = formats::clamped(begin);
    if (phase.t1 != 0)
      span.end = formats::clamped(std::max(begin, session.monotonic_ns(phase.t1)));
    else if (session.header.end.uncertainty != 0) // the program ended in it
      span.end = std::max<uint64_t>(span.begin, session.header.end.monotonic);
    span.phase = phase_table_.index(phase.name);
    const auto add_to = [&](Timeline &timeline) {
      timeline.spans.push_back(span);
      timeline.sorted = false;
    };
    add_to(processes_[pid]);
    if (!phase.process) add_to(threads_[{pid, phase.tid}]);
  }
}

uint32_t Regions::Timeline::at(uint64_t time) {
  if (!sorted) {
    sorted = true;
    steps.clear();
    std::stable_sort(spans.begin(), spans.end(), [](const Span &a, const Span &b) { return a.begin < b.begin; });
    std::vector<uint32_t> ends(spans.size());
    for (uint32_t i = 0; i < ends.size(); ++i) ends[i] = i;
    std::sort(ends.begin(), ends.end(), [&](uint32_t a, uint32_t b) { return spans[a].end < spans[b].end; });
    std::set<uint32_t> open; // by begin
    const auto step = [&](uint64_t when) { steps.push_back({when, open.empty() ? 0 : spans[*open.rbegin()].phase}); };
    size_t next = 0;
    const auto close = [&](uint64_t until) {
      for (; next < ends.size() && spans[ends[next]].end <= until; ++next)
        if (open.erase(ends[next])) step(spans[ends[next]].end);
    };
    for (uint32_t i = 0; i < spans.size(); ++i) {
      if (spans[i].begin >= spans[i].end) continue;
      close(spans[i].begin);
      open.insert(i);
      step(spans[i].begin);
    }
    close(UINT64_MAX - 1);
  }
  const auto later = std::upper_bound(steps.begin(), steps.end(), time,
                                      [](uint64_t value, const Step &step) { return value < step.time; });
  return later == steps.begin() ? 0 : (later - 1)->phase;
}

void Regions::add_images(const std::vector<record::ProcessImage> &images) {
  for (const record::ProcessImage &image : images) images_[image.pid].push_back(image.time);
  for (auto &[pid, times] : images_) std::sort(times.begin(), times.end());
}

uint64_t Regions::executed(uint32_t pid, uint64_t time) const {
  const auto all = images_.find(pid);
  if (all == images_.end()) return 0;
  const auto later = std::upper_bound(all->second.begin(), all->second.end(), time);
  return later == all->second.begin() ? 0 : *(later - 1);
}

uint32_t Regions::edge(uint32_t pid, uint64_t time) const {
  const auto all = sites_.find(pid);
  const uint64_t image = executed(pid, time);
  if (all == sites_.end() || image == 0) return 0;
  for (const Names &names : all->second) {
    if (executed(pid, names.from) != image) continue;
    if (time < names.from) return names.first;
    if (time >= names.until) return names.last;
  }
  return 0;
}

Regions::Region Regions::at(uint32_t pid, uint32_t tid, uint64_t time) {
  Region out;
  if (const auto thread = threads_.find({pid, tid}); thread != threads_.end()) out.phase = thread->second.at(time);
  if (out.phase != 0) return out;
  if (const auto process = processes_.find(pid); process != processes_.end()) out.phase = process->second.at(time);
  if (out.phase == 0) out.phase = edge(pid, time);
  return out;
}

Regions::Region Regions::tagged(uint32_t pid, uint32_t tid, uint64_t time, uint32_t phase, uint32_t site) {
  Region out = at(pid, tid, time);
  const Names *session = nullptr;
  if (const auto all = sites_.find(pid); all != sites_.end()) {
    const auto later = std::upper_bound(all->second.begin(), all->second.end(), time,
                                        [](uint64_t value, const Names &names) { return value < names.from; });
    if (later != all->second.begin()) session = &*(later - 1);
  }
  resolve(session, phase, site, out);
  return out;
}

Regions::Region Regions::named(uint32_t pid, uint64_t from, uint64_t until, uint32_t phase, uint32_t site) {
  Region out;
  const Names *session = nullptr;
  if (const auto all = sites_.find(pid); all != sites_.end()) {
    const auto found = std::find_if(all->second.begin(), all->second.end(),
                                    [&](const Names &names) { return names.from >= from && names.from < until; });
    if (found != all->second.end()) session = &*found;
  }
  resolve(session, phase, site, out);
  return out;
}

void Regions::resolve(const Names *session, uint32_t phase, uint32_t site, Region &out) {
  if (const auto given = record::given_phase_name(phase); !given.empty())
    out.phase = phase_table_.index(std::string(given));
  if (!session) return;
  const std::vector<std::string> &names = session->sites;
  if (phase == 0 && session->first != 0 && out.phase == 0) out.phase = session->first;
  if (phase != 0 && phase < names.size()) out.phase = phase_table_.index(names[phase]);
  if (site < names.size()) out.scope = scope_table_.index(names[site]);
}

} // namespace sgperf::merge
