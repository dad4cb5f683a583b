// SPDX-License-Identifier: Apache-2.0
// The report as JSON: docs/report-schema.md.
#include "emit/report.h"

#include "emit/engine_json.h"
#include "emit/profile_json.h"
#include "emit/readable.h"

#include <nlohmann/json.hpp>

namespace sgperf::emit {
namespace {

using json = nlohmann::ordered_json;

const char *to_text(merge::Unit unit) {
  return unit == merge::Unit::ns ? "ns" : unit == merge::Unit::ticks ? "ticks" : "";
}

const char *kind_text(uint32_t kind) {
  switch (kind) {
  case SGPERF_SITE_COUNTER:
    return "counter";
  case SGPERF_SITE_GAUGE:
    return "gauge";
  default:
    return "scope";
  }
}

json dropped(const sgperf_dropped &from) {
  return {{"sites", from.sites}, {"threads", from.threads}, {"phases", from.phases},
          {"jit", from.jit},     {"foreign", from.foreign}, {"memory", from.memory}};
}

json usage(const sgperf_usage &from) {
  if (!(from.flags & 1)) return nullptr;
  return {{"user_ns", from.user_ns},
          {"system_ns", from.system_ns},
          {"peak_rss_bytes", from.max_rss},
          {"minor_faults", from.minor_faults},
          {"major_faults", from.major_faults},
          {"voluntary_switches", from.voluntary_switches},
          {"involuntary_switches", from.involuntary_switches}};
}

json totals(const sgperf_totals &from) {
  json out = json::object();
  if (from.flags & SGPERF_TOTALS_IO)
    out = {{"read_bytes", from.read_bytes},
           {"written_bytes", from.written_bytes},
           {"storage_read_bytes", from.storage_read_bytes},
           {"storage_written_bytes", from.storage_written_bytes}};
  if (from.flags & SGPERF_TOTALS_THREADS) out["threads"] = from.threads;
  return out.empty() ? json() : out;
}

json sessions(const merge::Model &model) {
  json out = json::array();
  for (const auto &session : model.sessions) {
    out.push_back({{"key", session.key},
                   {"pid", session.pid},
                   {"comm", session.comm},
                   {"exe", session.exe},
                   {"command", session.command},
                   {"state", state_word(session.state)},
                   {"exit_code", maybe(session.exit_code)},
                   {"threads", session.threads},
                   {"timer", session.ticks ? "tsc" : "clock"},
                   {"unit", session.convertible ? "ns" : "ticks"},
                   {"tsc_hz", session.tsc_hz},
                   {"started_realtime_ns", session.started_realtime_ns},
                   {"dropped", dropped(session.dropped)},
                   {"empty_scope", session.empty_scope},
                   {"scope_cost", session.scope_cost},
                   {"note", session.note},
                   {"wall_ns", session.wall_ns ? json(session.wall_ns) : json()},
                   {"usage", usage(session.usage)},
                   {"totals", totals(session.totals)},
                   {"remarks", session.remarks}});
  }
  return out;
}

json compiled(const merge::CompiledCode &code) {
  json list = json::array();
  for (const merge::CompiledFunction &one : code.largest)
    list.push_back({{"name", one.name},
                    {"module", one.module},
                    {"tier", one.tier},
                    {"guest", one.guest},
                    {"pid", one.pid},
                    {"bytes", one.size},
                    {"published_ns", one.published ? json(one.published) : json()},
                    {"withdrawn_ns", one.withdrawn ? json(one.withdrawn) : json()}});
  return {{"functions", code.functions}, {"bytes", code.bytes}, {"largest", std::move(list)}};
}

json scopes(const merge::Model &model) {
  double self = 0;
  for (const auto &row : model.scopes)
    if (row.kind == SGPERF_SITE_SCOPE && row.unit == merge::Unit::ns) self += row.self;
  json out = json::array();
  for (const auto &row : model.scopes) {
    json entry = {{"module", row.module},
                  {"name", row.name},
                  {"kind", kind_text(row.kind)},
                  {"file", row.file},
                  {"line", row.line},
                  {"enabled", row.enabled},
                  {"unit", to_text(row.unit)},
                  {"calls", row.count},
                  {"total", row.total},
                  {"self", row.self},
                  {"average", row.average()},
                  {"min", row.min},
                  {"max", row.max},
                  {"share", row.kind == SGPERF_SITE_SCOPE && row.unit == merge::Unit::ns && self > 0
                                ? json(row.self / self)
                                : json(nullptr)},
                  {"threads", row.threads},
                  {"sessions", row.sessions}};
    if (row.isolated)
      entry["isolated"] = {{"calls", row.isolated->count},
                           {"total", row.isolated->total},
                           {"average", row.isolated->average()},
                           {"instrumentation_cost", row.average() - row.isolated->average()}};
    if (!row.histogram.empty()) {
      json buckets = json::array();
      for (size_t i = 0; i < row.histogram.size(); ++i)
        if (row.histogram[i])
          buckets.push_back(
              {{"from", static_cast<double>(uint64_t{1} << i) * row.histogram_scale}, {"calls", row.histogram[i]}});
      entry["histogram"] = std::move(buckets);
    }
    out.push_back(std::move(entry));
  }
  return out;
}

json phases(const merge::Model &model, const std::vector<PhaseRow> &rows) {
  json out = json::array();
  for (const PhaseRow &row : rows) {
    json entry = {{"engine", engine_key(model, row.engine)},
                  {"engine_id", row.engine},
                  {"workload", row.workload},
                  {"phase", row.phase},
                  {"measure", row.measure},
                  {"unit", row.unit},
                  {"wasi", row.wasi},
                  {"lazy", row.lazy},
                  {"role", row.cold_only ? "cold" : "timed"},
                  {"blocks", row.blocks},
                  {"processes", row.processes},
                  {"values", row.values},
                  {"inner_min", row.inner_min},
                  {"inner_max", row.inner_max},
                  {"median", row.summary.median},
                  {"interval", interval_json(row.interval)},
                  {"mean", row.summary.mean},
                  {"sd", row.summary.sd},
                  {"mad", row.summary.mad},
                  {"min", row.summary.min},
                  {"q1", row.summary.q1},
                  {"q3", row.summary.q3},
                  {"max", row.summary.max},
                  {"cold_median", maybe(row.cold)},
                  {"corrected", row.corrected},
                  {"raw_median", maybe(row.raw_median)},
                  {"correction_share", maybe(row.correction_share)},
                  {"running", row.running},
                  {"reference", row.reference.empty() ? json(nullptr) : json(row.reference)},
                  {"against_reference", row.ratio ? ratio_json(*row.ratio) : json(nullptr)}};
    if (row.variance)
      entry["variance"] = {{"within_process", row.variance->t1_squared},
                           {"between_processes", row.variance->t2_squared},
                           {"icc", row.variance->icc},
                           {"design_effect", row.variance->design_effect},
                           {"effective_n", row.variance->effective_n}};
    out.push_back(std::move(entry));
  }
  return out;
}

json failures(const merge::Model &model) {
  json out = json::array();
  for (const auto &cell : model.cells)
    for (const auto &failure : cell.failures)
      out.push_back({{"engine", engine_key(model, cell.engine)},
                     {"engine_id", cell.engine},
                     {"workload", cell.workload},
                     {"phase", failure.phase},
                     {"status", record::to_text(failure.status)},
                     {"samples", failure.count},
                     {"message", failure.message},
                     {"stderr_tail", failure.stderr_tail}});
  return out;
}

} // namespace

std::string to_json(const merge::Model &model) {
  const auto rows = phase_rows(model);
  const record::Meta &meta = model.meta;
  json out;
  out["schema"] = "sgperf-report";
  out["version"] = report_schema_version;
  out["sgperf_version"] = SGPERF_PROJECT_VERSION;
  out["source"] = model.source.string();
  out["recording"] = {{"kind", meta.kind},
                      {"command", meta.command},
                      {"started_realtime_ns", meta.started_realtime_ns},
                      {"ended_realtime_ns", meta.ended_realtime_ns},
                      {"exit_code", meta.exit_code},
                      {"seed", meta.seed},
                      {"blocks", meta.blocks},
                      {"iterations", meta.iterations},
                      {"samples", model.samples},
                      {"unreadable_samples", model.unreadable_samples},
                      {"torn", model.torn}};
  out["machine"] = meta.machine;
  out["main_measure"] = main_measure(model);
  json engines = json::array();
  for (const std::string &id : model.engines) {
    const auto *entry = model.engine(id);
    engines.push_back({{"engine", engine_key(model, id)},
                       {"engine_id", id},
                       {"version", entry ? entry->version : ""},
                       {"flags", entry ? entry->flags : ""},
                       {"library", entry ? entry->library : ""},
                       {"build_id", entry ? entry->build_id : ""},
                       {"wasi", entry ? entry->wasi : ""},
                       {"abi", entry ? entry->abi : ""},
                       {"error", entry ? entry->error : ""},
                       {"lazy", lazy_bits(model, id)},
                       {"eager", entry && entry->eager},
                       {"iterations", entry && entry->iterations ? json(entry->iterations) : json(nullptr)},
                       {"processes", entry && entry->processes ? json(entry->processes) : json(nullptr)}});
  }
  out["engines"] = std::move(engines);
  json left_out = json::array();
  for (const auto &one : meta.left_out) left_out.push_back({{"engine", one.engine}, {"reason", one.reason}});
  out["left_out"] = std::move(left_out);
  json workloads = json::array();
  for (const std::string &id : model.workloads) {
    const auto *entry = model.workload(id);
    workloads.push_back({{"workload", id},
                         {"path", entry ? entry->path : ""},
                         {"sha256", entry ? entry->sha256 : ""},
                         {"module_bytes", entry ? entry->size : 0},
                         {"calls", entry ? entry->calls : 0}});
  }
  out["workloads"] = std::move(workloads);
  out["dropped"] = dropped(model.dropped);
  out["sessions"] = sessions(model);
  out["scopes"] = scopes(model);
  json isolated = json::array();
  for (const auto &run : model.isolated_runs)
    isolated.push_back({{"site", run.site.empty() ? json(nullptr) : json(run.site)},
                        {"wall_ns", run.wall_ns},
                        {"exit_code", run.exit_code}});
  out["isolated_runs"] = std::move(isolated);
  json session_phases = json::array();
  for (const auto &row : model.session_phases) {
    json counters = json::object();
    for (const auto &[name, counter] : row.counters)
      counters[name] = {{"total", counter.measured ? json(counter.total) : json(nullptr)},
                        {"measured", counter.measured},
                        {"multiplexed", counter.scaled},
                        {"errno", counter.error}};
    session_phases.push_back({{"name", row.name},
                              {"bench", row.bench},
                              {"unit", to_text(row.unit)},
                              {"times", row.count},
                              {"open", row.open},
                              {"aborted", row.aborted},
                              {"total", row.total},
                              {"min", row.min},
                              {"max", row.max},
                              {"counters", std::move(counters)}});
  }
  out["compiled"] = compiled(model.compiled);
  out["session_phases"] = std::move(session_phases);
  out["profile"] = profile_json(model.profile);
  out["phases"] = phases(model, rows);
  json artefacts = json::array();
  for (const auto &row : artefact_rows(model))
    artefacts.push_back({{"engine", engine_key(model, row.engine)},
                         {"engine_id", row.engine},
                         {"workload", row.workload},
                         {"module_bytes", row.module_bytes},
                         {"artefact_bytes", row.artefact_bytes},
                         {"artefact_ratio", row.artefact_ratio > 0 ? json(row.artefact_ratio) : json(nullptr)},
                         {"code_bytes", row.code_bytes}});
  out["artefacts"] = std::move(artefacts);
  json differences = json::array();
  for (const auto &row : aot_difference_rows(model, rows))
    differences.push_back({{"engine", engine_key(model, row.engine)},
                           {"engine_id", row.engine},
                           {"workload", row.workload},
                           {"aot_total_against_jit", ratio_json(row.ratio)}});
  out["aot_total_against_jit"] = std::move(differences);
  add_engine_rows(out, model, EngineRows(model, rows));
  json calls = json::array();
  for (const auto &row : call_rows(model, rows))
    calls.push_back({{"engine", engine_key(model, row.engine)},
                     {"engine_id", row.engine},
                     {"workload", row.workload},
                     {"wasi", row.wasi},
                     {"calls", row.calls},
                     {"unit", row.unit},
                     {"per_call", row.per_call},
                     {"q1", row.low},
                     {"q3", row.high},
                     {"ratio", maybe(row.ratio)}});
  out["calls"] = std::move(calls);
  out["failures"] = failures(model);
  json measures = json::array();
  for (const auto &measure : meta.measures)
    measures.push_back({{"measure", measure.name},
                        {"unit", measure.unit},
                        {"available", measure.available},
                        {"reason", measure.reason}});
  out["measures"] = std::move(measures);
  json corrections = json::array();
  for (const auto &row : meta.corrections)
    corrections.push_back({{"engine", engine_key(model, row.engine)},
                           {"engine_id", row.engine},
                           {"phase", row.phase},
                           {"measure", row.measure},
                           {"median", row.median},
                           {"q1", row.low},
                           {"q3", row.high},
                           {"samples", row.samples},
                           {"processes", row.processes}});
  out["corrections"] = std::move(corrections);
  json warnings = json::array();
  for (const auto &warning : meta.warnings)
    warnings.push_back(
        {{"id", warning.id}, {"severity", warning.severity}, {"subject", warning.subject}, {"text", warning.text}});
  for (const auto &cell : model.cells)
    for (const auto &text : cell.warnings)
      warnings.push_back(
          {{"id", ""}, {"severity", "warning"}, {"subject", cell.engine + " " + cell.workload}, {"text", text}});
  out["warnings"] = std::move(warnings);
  out["remarks"] = model.remarks;
  return out.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace sgperf::emit
