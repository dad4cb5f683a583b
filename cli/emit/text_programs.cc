// SPDX-License-Identifier: Apache-2.0
// What programs took and what code they made, as they say it themselves: where nobody looked on from outside.
#include "emit/report.h"

#include "emit/readable.h"
#include "emit/runtime_hint.h"

#include <fmt/format.h>

#include <algorithm>

namespace sgperf::emit {
namespace {

bool seen_from_outside(const merge::Model &model, uint32_t pid) {
  return std::any_of(model.profile.processes.begin(), model.profile.processes.end(),
                     [&](const auto &one) { return one.pid == pid && (one.user_ns || one.system_ns); });
}

std::string bytes_of(uint64_t value) {
  return bytes(static_cast<double>(value));
}
std::string time_of(uint64_t ns) {
  return duration(static_cast<double>(ns));
}

std::string end_of(const merge::SessionRow &row) {
  if (row.exit_code) return fmt::format("exit {}", *row.exit_code);
  return row.state == record::SessionState::live ? "running" : "end not seen: killed, or _exit()";
}

std::string program(const merge::SessionRow &row, const merge::CompiledCode &code, const ReportOptions &options) {
  std::string command;
  for (const std::string &word : row.command) command += (command.empty() ? "" : " ") + word;
  const std::string indent(4, ' ');
  std::string out = wrapped(
      fmt::format("  {} (pid {}): {}", command.empty() ? row.comm : command, row.pid, end_of(row)), 4, options.style);
  std::string facts = indent + "wall " + (row.wall_ns ? time_of(row.wall_ns) : "not known");
  const sgperf_usage &usage = row.usage;
  if (usage.flags & 1) {
    facts += fmt::format(", user {}, system {}, peak RSS {}; page faults {} minor, {} major; context switches {} "
                         "voluntary, {} not",
                         time_of(usage.user_ns), time_of(usage.system_ns), bytes_of(usage.max_rss), usage.minor_faults,
                         usage.major_faults, usage.voluntary_switches, usage.involuntary_switches);
    if (!row.exit_code) facts += "; up to its last phase or event";
  } else
    facts += usage.flags & 2                           ? "; the rest was not read, since a seccomp filter is on"
             : row.state == record::SessionState::live ? "; the rest is told at its end"
                                                       : "; it has told nothing of itself";
  out += wrapped(facts, 4, options.style);
  const sgperf_totals &totals = row.totals;
  if (totals.flags & SGPERF_TOTALS_IO) {
    std::string text = indent + fmt::format("read {}, written {} (of disks {} and {})", bytes_of(totals.read_bytes),
                                            bytes_of(totals.written_bytes), bytes_of(totals.storage_read_bytes),
                                            bytes_of(totals.storage_written_bytes));
    if (totals.flags & SGPERF_TOTALS_THREADS) text += fmt::format("; threads at the end: {}", totals.threads);
    out += wrapped(text, 4, options.style);
  }
  if (const std::string hint = runtime_hint(row, code); !hint.empty()) out += wrapped(indent + hint, 4, options.style);
  return out;
}

} // namespace

std::string text_programs(const merge::Model &model, const ReportOptions &options) {
  if (model.meta.kind == "bench") return ""; // workers: what they took is measured call by call
  std::string out;
  size_t left = 0, shown = 0;
  for (const merge::SessionRow &row : model.sessions) {
    if (seen_from_outside(model, row.pid)) continue;
    if (options.top && shown == options.top)
      ++left;
    else {
      out += program(row, model.compiled, options);
      ++shown;
    }
  }
  if (left) out += fmt::format("  {} more (--top 0 lists all)\n", left);
  return out.empty() ? "" : title(shown + left == 1 ? "Process" : "Processes", options.style) + out;
}

std::string text_compiled(const merge::Model &model, const ReportOptions &options) {
  const merge::CompiledCode &code = model.compiled;
  // With samples there is a table of functions, by what they cost.
  if (code.functions == 0 || !model.profile.samples.empty()) return "";
  TextTable table({{"size"}, {"function", TextTable::left}, {"tier", TextTable::left}, {"module", TextTable::left}});
  uint64_t listed = 0;
  for (size_t i = 0; i < code.largest.size() && (options.top == 0 || i < options.top); ++i) {
    const merge::CompiledFunction &one = code.largest[i];
    listed += one.size;
    table.row({bytes_of(one.size), one.name, one.tier.empty() ? "-" : one.tier, one.module});
  }
  const uint64_t rows = std::min<uint64_t>(code.largest.size(), options.top ? options.top : code.largest.size());
  if (rows < code.functions)
    table.remark(fmt::format("{} more, {} (--top N lists more)", code.functions - rows, bytes_of(code.bytes - listed)));
  return title(fmt::format("Compiled code: {} function{}, {}", code.functions, code.functions == 1 ? "" : "s",
                           bytes_of(code.bytes)),
               options.style) +
         table.text(options.style);
}

} // namespace sgperf::emit
