// SPDX-License-Identifier: Apache-2.0
#include "emit/live.h"

#include "emit/readable.h"

#include <nlohmann/json.hpp>

namespace sgperf::emit {
namespace {

using json = nlohmann::ordered_json;

const char *unit_text(merge::Unit unit) {
  return unit == merge::Unit::ns ? "ns" : unit == merge::Unit::ticks ? "ticks" : "count";
}

void add_interval(json &object, const merge::LiveInterval &interval) {
  object["since_start"] = interval.since_start;
  object["seconds"] = interval.seconds;
  json &scopes = object["scopes"] = json::array();
  for (const merge::LiveScope &row : interval.scopes)
    scopes.push_back({{"name", row.name},
                      {"calls", row.calls},
                      {"calls_per_s", row.calls_per_s},
                      {"self", row.self},
                      {"share", row.share},
                      {"average", row.average},
                      {"unit", unit_text(row.unit)},
                      {"calls_so_far", row.calls_so_far}});
  json &counters = object["counters"] = json::array();
  for (const merge::LiveCounter &row : interval.counters)
    counters.push_back({{"name", row.name},
                        {"kind", row.gauge ? "gauge" : "counter"},
                        {"updates", row.updates},
                        {"updates_per_s", row.updates_per_s},
                        {"per_s", row.gauge ? json() : json(row.per_s)},
                        {"last", row.last}});
  json &phases = object["phases"] = json::array();
  for (const merge::LivePhase &row : interval.phases)
    phases.push_back({{"name", row.name},
                      {"bench", row.bench},
                      {"total", row.total},
                      {"unit", unit_text(row.unit)},
                      {"ended", row.times},
                      {"open", row.open},
                      {"aborted", row.aborted}});
}

json end_row(const merge::LiveEnd &row) {
  json one = {{"kind", row.thread ? "thread" : "phase"}, {"name", row.name}, {"tid", row.tid}};
  if (row.thread) return one;
  one["duration"] = row.duration;
  one["unit"] = unit_text(row.unit);
  one["aborted"] = row.aborted;
  return one;
}

json session_row(const merge::LiveSession &session) {
  const merge::LiveInterval &interval = session.interval;
  json out = {{"key", session.key},
              {"program", session.comm},
              {"command", session.command},
              {"path", session.path.string()},
              {"pid", session.pid},
              {"state", session.executed ? "executed" : state_word(session.state)},
              {"exit_code", session.exit_code ? json(*session.exit_code) : json()},
              {"uptime_s", interval.uptime_s},
              {"threads", session.threads},
              {"measuring_threads", interval.threads},
              {"phase", interval.phase.empty() ? json() : json(interval.phase)}};
  add_interval(out, interval);
  json &ended = out["ended"] = json::array();
  for (const merge::LiveEnd &row : interval.ended) ended.push_back(end_row(row));
  out["whole"] = nullptr;
  if (session.whole) add_interval(out["whole"], *session.whole);
  out["remarks"] = session.remarks;
  return out;
}

} // namespace

std::string live_json(const merge::LiveView &view) {
  json out = {{"schema", "sgperf-top"}, {"version", 1}, {"realtime_ns", view.realtime_ns}, {"over", view.over}};
  json &sessions = out["sessions"] = json::array();
  for (const merge::LiveSession &session : view.sessions) sessions.push_back(session_row(session));
  if (view.syscalls) out["syscalls_age_s"] = view.syscalls->age_s;
  json &syscalls = out["syscalls"];
  if (view.syscalls) {
    syscalls = json::array();
    for (const merge::SyscallRow &row : view.syscalls->rows)
      syscalls.push_back({{"name", row.name},
                          {"calls", row.count},
                          {"total_ns", row.total_ns},
                          {"max_ns", row.max_ns},
                          {"blocked_ns", row.blocked_ns},
                          {"errors", row.errors},
                          {"bytes_in", row.bytes_in},
                          {"bytes_out", row.bytes_out}});
  }
  // Names are those of programs.
  return out.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace sgperf::emit
