// SPDX-License-Identifier: Apache-2.0
// The process tree: who started whom, how each ended, and what it took.
#include "emit/report.h"

#include "emit/profile_rows.h"
#include "emit/readable.h"

#include <fmt/format.h>

#include <algorithm>

namespace sgperf::emit {

std::string text_processes(const merge::Model &model, const ReportOptions &options) {
  const merge::Profile &profile = model.profile;
  if (profile.processes.empty()) return "";
  TextTable table({{"process", TextTable::left},
                   {"pid"},
                   {"end", TextTable::left},
                   {"wall"},
                   {"user"},
                   {"system"},
                   {"peak RSS"},
                   {"min. flt"},
                   {"maj. flt"},
                   {"samples"}});
  const auto tree = process_tree(profile);
  for (size_t i = 0; i < tree.size(); ++i) {
    if (options.top && i == options.top) {
      uint64_t samples = 0;
      for (size_t rest = i; rest < tree.size(); ++rest) samples += profile.processes[tree[rest].process].samples;
      table.remark(fmt::format("{} more processes with {} samples (--top 0 lists all)", tree.size() - i, samples));
      break;
    }
    const merge::ProfileProcess &process = profile.processes[tree[i].process];
    // What a process took is known from its end only.
    const bool measured = process.user_ns || process.system_ns || process.max_rss_kb || process.minor_faults;
    const auto known = [&](std::string text) { return measured ? std::move(text) : std::string("-"); };
    const bool spanned = process.started && process.ended > process.started;
    std::string end = end_text(process);
    if (end.empty()) end = process.ended ? "ended" : "not seen";
    table.row({"  " + std::string(2 * std::min<size_t>(tree[i].depth, 20), ' ') + process_text(process),
               fmt::format("{}", process.pid), end,
               spanned ? duration(static_cast<double>(process.ended - process.started)) : "-",
               known(duration(static_cast<double>(process.user_ns))),
               known(duration(static_cast<double>(process.system_ns))),
               process.max_rss_kb ? bytes(1024.0 * static_cast<double>(process.max_rss_kb)) : "-",
               known(fmt::format("{}", process.minor_faults)), known(fmt::format("{}", process.major_faults)),
               fmt::format("{}", process.samples)});
  }
  return title("Processes", options.style) + table.text(options.style);
}

} // namespace sgperf::emit
