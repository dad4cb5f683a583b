// SPDX-License-Identifier: Apache-2.0
#include "emit/csv_rows.h"

#include "emit/profile_rows.h"

#include <fmt/format.h>

namespace sgperf::emit {
namespace {

void pid(CsvRows &rows, const merge::Profile &profile, uint32_t process) {
  if (process < profile.processes.size()) rows.number("pid", profile.processes[process].pid);
}

void coverage_rows(const merge::Profile &profile, CsvRows &rows) {
  const merge::ProfileCoverage &from = profile.coverage;
  const auto row = [&](const std::string &name, uint64_t count) {
    rows.begin("coverage");
    rows.text("name", name);
    rows.number("count", count);
    rows.text("text", profile.event);
    rows.end();
  };
  row("samples", from.samples);
  row("lost", from.lost);
  row("unnamed", from.unnamed);
  row("jit", from.jit);
  row("jit_unnamed", from.jit_unnamed);
  row("jit_lines", from.jit_lines);
  row("jit_lines_near", from.jit_lines_near);
  row("native", from.native);
  row("native_lines", from.native_lines);
  row("complete", from.complete);
  row("repaired", from.repaired);
  for (const auto &[kind, count] : from.odd) row("odd: " + kind, count);
}

void region_rows(const std::vector<RegionRow> &regions, const char *column, CsvRows &rows) {
  for (const RegionRow &region : regions)
    for (size_t i = 0; i < side_count; ++i) {
      if (!region.sides[i]) continue;
      rows.begin("region");
      rows.text(column, region.name);
      rows.text("side", merge::to_text(static_cast<merge::Side>(i)));
      rows.number("count", region.sides[i]);
      rows.end();
    }
}

void sample_rows(const merge::Profile &profile, CsvRows &rows) {
  const double all = static_cast<double>(profile.coverage.samples ? profile.coverage.samples : profile.samples.size());
  const auto share = [&](uint64_t part) {
    if (all > 0) rows.value("share", static_cast<double>(part) / all);
  };
  for (const SideRow &side : side_rows(profile)) {
    rows.begin("side");
    rows.text("side", merge::to_text(side.side));
    rows.number("count", side.samples);
    share(side.samples);
    rows.end();
  }
  region_rows(phase_rows_of(profile), "phase", rows);
  region_rows(scope_rows_of(profile), "scope", rows);
  for (const merge::ProfileFunction *function : hot_functions(profile)) {
    rows.begin("function");
    rows.text("name", function->name);
    rows.text("unit", "samples");
    rows.number("self", function->self);
    rows.number("total", function->total);
    share(function->self);
    rows.text("module", function->module);
    rows.text("tier", function->tier);
    rows.text("side", merge::to_text(function->side));
    rows.text("file", function->path);
    rows.end();
  }
  for (const merge::ProfileLine *line : hot_lines(profile)) {
    rows.begin("line");
    if (line->function < profile.functions.size()) rows.text("name", profile.functions[line->function].name);
    rows.text("unit", "samples");
    rows.number("self", line->self);
    share(line->self);
    rows.text("file", line->file);
    rows.number("line", line->line);
    rows.end();
  }
}

void kernel_rows(const merge::Profile &profile, CsvRows &rows) {
  for (const merge::SyscallRow &row : profile.syscalls) {
    rows.begin("syscall");
    rows.text("name", row.name);
    rows.text("unit", "ns");
    pid(rows, profile, row.process);
    rows.text("phase", row.phase);
    rows.text("scope", row.scope);
    rows.number("count", row.count);
    rows.number("total", row.total_ns);
    if (row.count) rows.value("mean", static_cast<double>(row.total_ns) / static_cast<double>(row.count));
    rows.number("max", row.max_ns);
    rows.number("blocked", row.blocked_ns);
    rows.number("bytes_in", row.bytes_in);
    rows.number("bytes_out", row.bytes_out);
    rows.number("errors", row.errors);
    std::string errnos;
    for (const auto &[number, count] : row.errnos)
      errnos += fmt::format("{}{} {}", errnos.empty() ? "" : ", ", errno_text(number), count);
    rows.text("text", errnos);
    rows.end();
  }
  for (const merge::SyscallCaller &caller : profile.syscall_callers) {
    rows.begin("syscall_caller");
    rows.text("name", caller.name);
    rows.text("unit", "ns");
    rows.number("count", caller.samples);
    rows.number("total", caller.total_ns);
    if (caller.function < profile.functions.size()) rows.text("text", profile.functions[caller.function].name);
    rows.end();
  }
  for (const merge::FaultRow &row : profile.faults)
    for (const bool user : {true, false}) {
      rows.begin("fault");
      rows.text("name", user ? "user" : "kernel");
      pid(rows, profile, row.process);
      rows.text("phase", row.phase);
      rows.text("scope", row.scope);
      rows.number("count", user ? row.user : row.kernel);
      rows.end();
    }
  for (const merge::ProfileProcess &process : profile.processes) {
    rows.begin("process");
    rows.text("name", process.comm);
    rows.text("text", process_text(process));
    rows.number("pid", process.pid);
    rows.number("parent", process.parent);
    rows.text("status", end_text(process));
    rows.number("count", process.samples);
    if (process.started && process.ended > process.started) {
      rows.text("unit", "ns");
      rows.number("total", process.ended - process.started);
    }
    rows.number("user_ns", process.user_ns);
    rows.number("system_ns", process.system_ns);
    rows.number("peak_rss_bytes", process.max_rss_kb * 1024);
    rows.number("minor_faults", process.minor_faults);
    rows.number("major_faults", process.major_faults);
    rows.end();
  }
}

} // namespace

void profile_csv(const merge::Profile &profile, CsvRows &rows) {
  if (profile.recorded) coverage_rows(profile, rows);
  sample_rows(profile, rows);
  kernel_rows(profile, rows);
  for (const std::string &sentence : profile.missing) {
    rows.begin("missing");
    rows.text("text", sentence);
    rows.end();
  }
}

} // namespace sgperf::emit
