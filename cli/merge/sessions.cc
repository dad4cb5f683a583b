// SPDX-License-Identifier: Apache-2.0
#include "merge/sessions.h"

#include "formats/clamped.h"

#include <string.h>

#include <algorithm>

namespace sgperf::merge {
namespace {

std::string module_of(const std::string &name) {
  const size_t at = name.find("::");
  return at == std::string::npos ? std::string() : name.substr(0, at);
}

bool is_time(uint32_t kind) {
  return kind == SGPERF_SITE_SCOPE;
}

Unit unit_of(const record::Session &session, uint32_t kind) {
  if (!is_time(kind)) return Unit::count;
  return session.convertible() ? Unit::ns : Unit::ticks;
}

ScopeRow &row_for(Model &model, const record::SessionSite &site, uint32_t kind, Unit unit) {
  // Rows of one name stay apart where their units cannot be added.
  const auto at = std::find_if(model.scopes.begin(), model.scopes.end(), [&](const ScopeRow &row) {
    return row.name == site.name && row.kind == kind && row.unit == unit;
  });
  if (at != model.scopes.end()) return *at;
  ScopeRow row;
  row.module = module_of(site.name);
  row.name = site.name;
  row.kind = kind;
  row.unit = unit;
  model.scopes.push_back(std::move(row));
  return model.scopes.back();
}

void add(ScopeRow &row, const record::SessionSite &site, const record::Session &session) {
  const auto scaled = [&](uint64_t value) {
    return row.unit == Unit::ns ? session.ns(value) : static_cast<double>(value);
  };
  if (row.file.empty()) {
    row.file = site.file;
    row.line = site.line;
  }
  row.flags |= site.flags;
  row.enabled = row.enabled || site.enabled;
  ++row.sessions;
  if (site.count == 0) return;
  const double shortest = scaled(site.min);
  if (site.min != 0 && (row.min == 0 || shortest < row.min)) row.min = shortest;
  row.count += site.count;
  row.total += scaled(site.total);
  row.self += scaled(site.self);
  row.max = std::max(row.max, scaled(site.max));
  row.threads += site.threads;
  if (site.histogram.empty()) return;
  row.histogram.resize(64);
  row.histogram_scale = scaled(1u << 20) / (1u << 20);
  for (size_t i = 0; i < 64; ++i) row.histogram[i] += site.histogram[i];
}

// What was asked for is a row even where nothing was counted: n/a with the reason, never 0.
void add_counters(SessionPhaseRow &row, const record::Session &session, const record::SessionPhase &phase) {
  for (size_t n = 0; n < phase.pmc.size(); ++n) {
    const char *name = session.header.pmc_names[n];
    const size_t length = strnlen(name, sizeof session.header.pmc_names[n]);
    if (length == 0) continue;
    PhaseCounter &counter = row.counters[std::string(name, length)];
    counter.error = session.header.pmc_errors[n];
    if (!(phase.pmc_flags >> n & 1)) continue;
    counter.total += static_cast<double>(phase.pmc[n]);
    ++counter.measured;
    counter.scaled = counter.scaled || (phase.pmc_flags >> (8 + n) & 1);
  }
}

} // namespace

void add_phases(Model &model, const record::Session &session) {
  const Unit unit = session.convertible() ? Unit::ns : Unit::ticks;
  for (const record::SessionPhase &phase : session.phases) {
    auto at = std::find_if(model.session_phases.begin(), model.session_phases.end(), [&](const auto &row) {
      return row.name == phase.name && row.bench == phase.bench && row.unit == unit;
    });
    if (at == model.session_phases.end()) {
      model.session_phases.push_back({phase.name, phase.bench, unit, 0, 0, 0, 0, 0, 0, {}});
      at = std::prev(model.session_phases.end());
    }
    if (phase.state == 1) {
      ++at->open;
      continue;
    }
    if (phase.state == 3) ++at->aborted;
    const double duration = session.ns(phase.t1 - phase.t0);
    if (at->count == 0 || duration < at->min) at->min = duration;
    at->max = std::max(at->max, duration);
    at->total += duration;
    ++at->count;
    add_counters(*at, session, phase);
  }
}

namespace {

// A process that was killed, or runs still, has told of itself at the begin and end of its phases.
void add_totals(SessionRow &row, const record::Session &session) {
  const sgperf_session_header &header = session.header;
  uint64_t end = header.end.uncertainty ? header.end.monotonic : 0;
  row.usage = header.usage;
  row.totals = header.totals;
  if (!(row.usage.flags & 1))
    for (const record::SessionPhase &phase : session.phases)
      for (const auto &[usage, time] : {std::pair(&phase.before, phase.t0), std::pair(&phase.after, phase.t1)}) {
        const uint64_t when = formats::clamped(time ? session.monotonic_ns(time) : 0);
        if (!(usage->flags & 1) || when < end) continue;
        end = when;
        row.usage = *usage;
      }
  if (end > header.start.monotonic && header.start.uncertainty) row.wall_ns = end - header.start.monotonic;
}

} // namespace

void add_session(Model &model, record::Session session) {
  session.use_tsc_hz(model.tsc_hz);
  SessionRow row;
  row.key = session.key;
  row.comm = session.comm();
  row.exe = session.exe();
  row.note = session.note();
  row.command = session.command();
  row.pid = session.header.pid;
  row.threads = static_cast<uint32_t>(session.threads.size());
  row.state = session.state();
  row.ticks = session.ticks();
  row.convertible = session.convertible();
  row.tsc_hz = session.tsc_hz();
  row.started_realtime_ns = session.header.start.realtime;
  row.dropped = session.header.dropped;
  row.empty_scope = session.ns(session.header.empty_scope_median);
  row.scope_cost = session.ns(session.header.empty_scope_cost);
  if (session.header.flags & SGPERF_SESSION_FLAG_EXIT_CODE) row.exit_code = static_cast<int>(session.header.exit_code);
  add_totals(row, session);
  row.remarks = session.remarks;
  for (const record::SessionSite &site : session.sites) {
    const uint32_t kind = site.flags & SGPERF_SITE_KIND;
    if (kind == SGPERF_SITE_PHASE) continue;
    if (site.id == 1 && site.count == 0) continue; // "(other sites)" only when it caught something
    add(row_for(model, site, kind, unit_of(session, kind)), site, session);
  }
  add_phases(model, session);
  const sgperf_dropped &dropped = session.header.dropped;
  model.dropped.sites += dropped.sites;
  model.dropped.threads += dropped.threads;
  model.dropped.phases += dropped.phases;
  model.dropped.jit += dropped.jit;
  model.dropped.foreign += dropped.foreign;
  model.dropped.memory += dropped.memory;
  model.sessions.push_back(std::move(row));
}

void add_isolated(Model &model, record::Session session, const std::string &name) {
  session.use_tsc_hz(model.tsc_hz);
  for (const record::SessionSite &site : session.sites) {
    const uint32_t kind = site.flags & SGPERF_SITE_KIND;
    if (site.name != name || kind == SGPERF_SITE_PHASE || site.count == 0) continue;
    ScopeRow &row = row_for(model, site, kind, unit_of(session, kind));
    if (row.file.empty()) {
      row.file = site.file;
      row.line = site.line;
    }
    if (!row.isolated) row.isolated = IsolatedScope{};
    row.isolated->count += site.count;
    row.isolated->total += row.unit == Unit::ns ? session.ns(site.total) : static_cast<double>(site.total);
  }
}

void finish_sessions(Model &model) {
  std::map<std::string, double> modules; // largest module first
  for (const ScopeRow &row : model.scopes)
    if (is_time(row.kind)) modules[row.module] += row.self;
  std::stable_sort(model.scopes.begin(), model.scopes.end(), [&](const ScopeRow &a, const ScopeRow &b) {
    if (a.module != b.module) {
      const double left = modules[a.module], right = modules[b.module];
      return left != right ? left > right : a.module < b.module;
    }
    if (a.kind != b.kind) return a.kind < b.kind;
    if (a.total != b.total) return a.total > b.total;
    return a.name < b.name;
  });
  std::sort(model.sessions.begin(), model.sessions.end(),
            [](const auto &a, const auto &b) { return a.started_realtime_ns < b.started_realtime_ns; });
}

} // namespace sgperf::merge
