// SPDX-License-Identifier: Apache-2.0
// The report as one CSV table: docs/report-schema.md.  Column `table` says what a row is; columns that a kind of row
// does not have are empty.
#include "emit/report.h"

#include "emit/csv_rows.h"
#include "emit/engine_rows.h"

namespace sgperf::emit {
namespace {

void scope_rows(const merge::Model &model, CsvRows &rows) {
  double self = 0;
  for (const auto &row : model.scopes)
    if (row.kind == SGPERF_SITE_SCOPE && row.unit == merge::Unit::ns) self += row.self;
  for (const auto &row : model.scopes) {
    const bool scope = row.kind == SGPERF_SITE_SCOPE;
    rows.begin(scope ? "scope" : row.kind == SGPERF_SITE_GAUGE ? "gauge" : "counter");
    rows.text("name", row.name);
    rows.text("unit", row.unit == merge::Unit::ns ? "ns" : row.unit == merge::Unit::ticks ? "ticks" : "");
    rows.text("count", std::to_string(row.count));
    rows.value("total", row.total);
    rows.value("max", row.max);
    if (scope) {
      rows.value("self", row.self);
      rows.value("mean", row.average());
      rows.value("min", row.min);
      if (self > 0 && row.unit == merge::Unit::ns) rows.value("share", row.self / self);
    }
    rows.end();
    if (!row.isolated) continue;
    rows.begin("isolated_scope");
    rows.text("name", row.name);
    rows.text("unit", row.unit == merge::Unit::ns ? "ns" : "ticks");
    rows.text("count", std::to_string(row.isolated->count));
    rows.value("total", row.isolated->total);
    rows.value("mean", row.isolated->average());
    rows.end();
  }
}

} // namespace

std::string to_csv(const merge::Model &model) {
  CsvRows rows;
  scope_rows(model, rows);
  for (const auto &row : model.session_phases) {
    rows.begin("session_phase");
    rows.text("name", row.name);
    rows.text("unit", row.unit == merge::Unit::ns ? "ns" : "ticks");
    rows.text("count", std::to_string(row.count));
    rows.value("total", row.total);
    rows.value("min", row.min);
    rows.value("max", row.max);
    rows.end();
  }
  for (const auto &run : model.isolated_runs) {
    rows.begin("isolated_run");
    rows.text("name", run.site);
    rows.text("unit", "ns");
    rows.value("total", run.wall_ns);
    rows.text("status", std::to_string(run.exit_code));
    rows.end();
  }
  profile_csv(model.profile, rows);
  const auto phases = phase_rows(model);
  for (const PhaseRow &row : phases) {
    rows.begin("phase");
    rows.engine(model, row.engine);
    rows.text("workload", row.workload);
    rows.text("phase", row.phase);
    rows.text("measure", row.measure);
    rows.text("unit", row.unit);
    rows.text("count", std::to_string(row.values));
    rows.value("median", row.summary.median);
    if (row.interval) {
      rows.value("low", row.interval->low);
      rows.value("high", row.interval->high);
    }
    rows.value("mean", row.summary.mean);
    rows.value("sd", row.summary.sd);
    rows.value("min", row.summary.min);
    rows.value("q1", row.summary.q1);
    rows.value("q3", row.summary.q3);
    rows.value("max", row.summary.max);
    rows.value("cold", row.cold);
    rows.value("raw_median", row.raw_median);
    rows.text("blocks", std::to_string(row.blocks));
    rows.text("processes", std::to_string(row.processes));
    rows.text("reference", row.reference);
    if (row.ratio) rows.ratio(*row.ratio);
    rows.text("status", row.cold_only ? "cold" : "ok");
    rows.number("lazy", row.lazy);
    rows.end();
  }
  for (const auto &row : artefact_rows(model)) {
    rows.begin("artefact");
    rows.engine(model, row.engine);
    rows.text("workload", row.workload);
    rows.text("unit", "bytes");
    rows.size("module_bytes", row.module_bytes);
    rows.size("artefact_bytes", row.artefact_bytes);
    rows.size("code_bytes", row.code_bytes);
    if (row.artefact_ratio > 0) rows.value("ratio", row.artefact_ratio);
    rows.end();
  }
  for (const auto &row : aot_difference_rows(model, phases)) {
    rows.begin("aot_total_against_jit");
    rows.engine(model, row.engine);
    rows.text("workload", row.workload);
    rows.text("blocks", std::to_string(row.ratio.blocks));
    rows.ratio(row.ratio);
    rows.end();
  }
  engine_csv(model, EngineRows(model, phases), rows);
  for (const auto &row : call_rows(model, phases)) {
    rows.begin("call");
    rows.engine(model, row.engine);
    rows.text("workload", row.workload);
    rows.text("name", row.wasi);
    rows.text("unit", row.unit);
    rows.text("count", std::to_string(row.calls));
    rows.value("median", row.per_call);
    rows.value("q1", row.low);
    rows.value("q3", row.high);
    rows.value("ratio", row.ratio);
    rows.end();
  }
  for (const auto &cell : model.cells)
    for (const auto &failure : cell.failures) {
      rows.begin("failure");
      rows.engine(model, cell.engine);
      rows.text("workload", cell.workload);
      rows.text("phase", failure.phase);
      rows.text("count", std::to_string(failure.count));
      rows.text("status", record::to_text(failure.status));
      rows.text("text", failure.message);
      rows.end();
    }
  for (const auto &one : model.meta.left_out) {
    rows.begin("left_out");
    rows.text("engine", one.engine);
    rows.text("text", one.reason);
    rows.end();
  }
  for (const auto &measure : model.meta.measures) {
    rows.begin("measure");
    rows.text("measure", measure.name);
    rows.text("unit", measure.unit);
    rows.text("status", measure.available ? "ok" : "n/a");
    rows.text("text", measure.reason);
    rows.end();
  }
  for (const auto &warning : model.meta.warnings) {
    rows.begin("warning");
    rows.text("name", warning.id);
    rows.text("status", warning.severity);
    rows.text("text", warning.subject.empty() ? warning.text : warning.subject + ": " + warning.text);
    rows.end();
  }
  for (const auto &remark : model.remarks) {
    rows.begin("remark");
    rows.text("text", remark);
    rows.end();
  }
  return rows.take();
}

} // namespace sgperf::emit
