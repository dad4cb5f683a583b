// SPDX-License-Identifier: Apache-2.0
#include "merge/live_interval.h"

#include "formats/clamped.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

namespace sgperf::merge {
namespace {

// A slot can be torn by the event that is being added: a sum then lags behind its count, never by more than that one.
uint64_t grown(uint64_t before, uint64_t now) {
  return now > before ? now - before : 0;
}

class Interval {
public:
  Interval(const LiveSnapshot *before, const LiveSnapshot &now)
      : before_(before && before->session.key == now.session.key ? &before->session : nullptr), now_(now.session) {
    const sgperf_anchor &start = now_.header.start;
    end_ns_ = now.monotonic_ns;
    if (now.state == record::SessionState::exited && now_.header.end.uncertainty)
      end_ns_ = std::min(end_ns_, now_.header.end.monotonic);
    out_.since_start = !before_;
    if (start.uncertainty) out_.uptime_s = static_cast<double>(grown(start.monotonic, end_ns_)) / 1e9;
    out_.seconds = before_ ? static_cast<double>(grown(before->monotonic_ns, end_ns_)) / 1e9 : out_.uptime_s;
  }

  LiveInterval take() {
    for (const record::SessionSite &site : now_.sites)
      if (site.id == now_.header.phase_now && site.id != 0) out_.phase = site.name;
    sites();
    phases();
    threads();
    return std::move(out_);
  }

private:
  Unit unit() const { return now_.convertible() ? Unit::ns : Unit::ticks; }
  double per_second(double value) const { return out_.seconds > 0 ? value / out_.seconds : 0; }

  void sites() {
    std::unordered_map<uint32_t, const record::SessionSite *> earlier;
    if (before_)
      for (const record::SessionSite &site : before_->sites) earlier.emplace(site.id, &site);
    static const record::SessionSite none;
    double self = 0;
    for (const record::SessionSite &site : now_.sites) {
      const auto at = earlier.find(site.id);
      const record::SessionSite &was = at == earlier.end() ? none : *at->second;
      const uint32_t kind = site.flags & SGPERF_SITE_KIND;
      const uint64_t events = grown(was.count, site.count);
      if (kind == SGPERF_SITE_SCOPE && events) {
        LiveScope row{site.name, unit(), events, site.count, per_second(static_cast<double>(events)), 0, 0, 0};
        row.self = now_.ns(grown(was.self, site.self));
        row.average = now_.ns(grown(was.total, site.total)) / static_cast<double>(events);
        self += row.self;
        out_.scopes.push_back(std::move(row));
      } else if ((kind == SGPERF_SITE_COUNTER || kind == SGPERF_SITE_GAUGE) && site.count) {
        const bool gauge = kind == SGPERF_SITE_GAUGE;
        out_.counters.push_back({site.name, gauge, events, per_second(static_cast<double>(events)),
                                 gauge ? 0 : per_second(static_cast<double>(grown(was.total, site.total))),
                                 gauge ? site.max : site.total});
      }
    }
    for (LiveScope &row : out_.scopes) row.share = self > 0 ? row.self / self : 0;
    std::stable_sort(out_.scopes.begin(), out_.scopes.end(), [](const auto &a, const auto &b) {
      return std::pair(a.self, a.calls) > std::pair(b.self, b.calls);
    });
    std::stable_sort(out_.counters.begin(), out_.counters.end(),
                     [](const auto &a, const auto &b) { return a.name < b.name; });
  }

  void phases() {
    std::unordered_map<uint32_t, uint32_t> states; // of records at the earlier look
    if (before_)
      for (const record::SessionPhase &phase : before_->phases) states[phase.index] = phase.state;
    const uint64_t end = now_.moment(static_cast<double>(end_ns_));
    for (const record::SessionPhase &phase : now_.phases) {
      auto row = std::find_if(out_.phases.begin(), out_.phases.end(), [&](const LivePhase &other) {
        return other.name == phase.name && other.bench == phase.bench;
      });
      if (row == out_.phases.end()) row = out_.phases.insert(row, {phase.name, phase.bench, unit(), 0, 0, 0, 0});
      if (phase.state == 1) {
        ++row->open;
        row->total += now_.ns(grown(phase.t0, end));
        continue;
      }
      const double duration = now_.ns(grown(phase.t0, phase.t1));
      const bool aborted = phase.state == 3;
      ++row->times;
      row->aborted += aborted;
      row->total += duration;
      const auto was = states.find(phase.index);
      if (was == states.end() || was->second == 1)
        out_.ended.push_back({false, phase.name, phase.end_tid, unit(), duration, aborted});
    }
  }

  void threads() {
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> states; // by tid and generation of the block
    if (before_)
      for (const record::SessionThread &thread : before_->threads)
        states[{thread.tid, thread.generation}] = thread.state;
    for (const record::SessionThread &thread : now_.threads) {
      out_.threads += thread.state == SGPERF_BLOCK_LIVE;
      if (thread.state != SGPERF_BLOCK_EXITED && thread.state != SGPERF_BLOCK_FREE) continue;
      const auto was = states.find({thread.tid, thread.generation});
      if (was == states.end() || was->second == SGPERF_BLOCK_LIVE)
        out_.ended.push_back({true, thread.name, thread.tid, Unit::ns, 0, false});
    }
  }

  const record::Session *before_;
  const record::Session &now_;
  uint64_t end_ns_ = 0;
  LiveInterval out_;
};

} // namespace

LiveInterval live_interval(const LiveSnapshot *before, const LiveSnapshot &now) {
  return Interval(before, now).take();
}

} // namespace sgperf::merge
