// SPDX-License-Identifier: Apache-2.0
// The text report: header and order of its parts.
#include "emit/report.h"

#include "emit/readable.h"

#include <fmt/format.h>

#include <ctime>

namespace sgperf::emit {
namespace {

std::string clock_time(uint64_t realtime_ns) {
  const auto seconds = static_cast<time_t>(realtime_ns / 1000000000u);
  tm local{};
  char text[64] = "?";
  if (localtime_r(&seconds, &local)) strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
  return text;
}

std::string joined(const std::vector<std::string> &words) {
  std::string out;
  for (const std::string &word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string machine_line(const merge::Model &model) {
  std::string out;
  for (const char *key : {"cpu", "kernel"}) {
    const auto at = model.meta.machine.find(key);
    if (at != model.meta.machine.end() && !at->second.empty()) out += (out.empty() ? "" : ", ") + at->second;
  }
  return out;
}

} // namespace

std::string text_header(const merge::Model &model, const ReportOptions &options) {
  std::string out;
  const auto line = [&](const std::string &key, const std::string &value) {
    if (value.empty()) return;
    std::string text = wrapped(std::string(12, ' ') + value, 12, options.style);
    out += text.replace(0, key.size(), key);
  };
  const record::Meta &meta = model.meta;
  if (model.has_meta) {
    line("command", joined(meta.command));
    std::string when = clock_time(meta.started_realtime_ns);
    if (meta.ended_realtime_ns > meta.started_realtime_ns)
      when += ", took " + duration(static_cast<double>(meta.ended_realtime_ns - meta.started_realtime_ns));
    else if (meta.ended_realtime_ns == 0)
      when += meta.kind == "record" ? ", not ended yet, or killed" : ", not finished: interrupted or still running";
    if (meta.kind == "record" && meta.ended_realtime_ns) when += fmt::format(", exit code {}", meta.exit_code);
    line("started", when);
    line("machine", machine_line(model));
    if (meta.kind == "bench")
      line("plan",
           fmt::format("{} engines x {} workloads, {} blocks, {} timed iterations, seed {}", model.engines.size(),
                       model.workloads.size(), meta.blocks ? meta.blocks : meta.processes, meta.iterations, meta.seed));
  }
  return out;
}

std::string to_text(const merge::Model &model, const ReportOptions &options) {
  const auto rows = phase_rows(model);
  std::string out = text_header(model, options);
  out += text_programs(model, options);
  out += text_scopes(model, options);
  out += text_profile(model, options);
  out += text_functions(model, options);
  out += text_compiled(model, options);
  out += text_syscalls(model, options);
  out += text_processes(model, options);
  const EngineRows engines(model, rows);
  out += text_engines(model, options);
  out += text_summary(model, engines, options);
  out += text_phases(model, rows, options);
  out += text_tables(model, rows, engines, options);
  out += text_break_even(model, engines, options);
  out += text_calls(model, rows, options);
  out += text_measures(model, rows, options);
  out += text_warnings(model, rows, options);
  return out;
}

} // namespace sgperf::emit
