// SPDX-License-Identifier: Apache-2.0
// Samples of the processor: how much of them is known, and whose code they were in.
#include "emit/report.h"

#include "emit/profile_rows.h"
#include "emit/readable.h"

#include <fmt/format.h>

#include <set>

namespace sgperf::emit {
namespace {

std::string maybe_percent(const std::optional<double> &share) {
  return share ? percent(*share) : "-";
}

std::string event_text(const merge::Profile &profile) {
  std::string out = profile.event.empty() ? "an event that the file does not name" : profile.event;
  return out + (profile.frequency ? fmt::format(" at {} Hz", profile.frequency) : ", one every so many events");
}

std::string coverage_lines(const merge::Profile &profile, const ReportOptions &options) {
  const merge::ProfileCoverage &coverage = profile.coverage;
  std::set<std::pair<uint32_t, uint32_t>> threads;
  std::set<uint32_t> processes;
  for (const merge::ProfileSample &sample : profile.samples) {
    threads.emplace(sample.process, sample.tid);
    processes.insert(sample.process);
  }
  std::string out = wrapped(fmt::format("  {}: {} samples of {} thread{} in {} process{}; lost {}", event_text(profile),
                                        coverage.samples, threads.size(), threads.size() == 1 ? "" : "s",
                                        processes.size(), processes.size() == 1 ? "" : "es", coverage.lost),
                            4, options.style);
  if (coverage.samples) {
    const CoverageShares shares = coverage_shares(coverage);
    const std::string near = coverage.jit_lines_near
                                 ? fmt::format(" of which {} by the instruction in front",
                                               percent(static_cast<double>(coverage.jit_lines_near) /
                                                       static_cast<double>(coverage.jit_lines)))
                                 : "";
    out += wrapped(
        fmt::format("  coverage: named {}, JIT code without a name {} ({}), source lines {} (JIT {}{}, native {}), "
                    "complete stacks {}, {} repaired",
                    maybe_percent(shares.named), maybe_percent(shares.jit_unnamed), coverage.jit_unnamed,
                    maybe_percent(shares.lines), maybe_percent(shares.jit_lines), near,
                    maybe_percent(shares.native_lines), maybe_percent(shares.complete), coverage.repaired),
        4, options.style);
  }
  std::string odd;
  for (const auto &[kind, count] : coverage.odd)
    if (count) odd += fmt::format("{}{} {}", odd.empty() ? "" : ", ", count, kind);
  if (!odd.empty()) out += wrapped("  left out or mended while reading: " + odd, 4, options.style);
  return out;
}

std::string share_of(uint64_t part, uint64_t all) {
  return all ? percent(static_cast<double>(part) / static_cast<double>(all)) : "-";
}

std::string side_table(const merge::Profile &profile, const ReportOptions &options) {
  const auto rows = side_rows(profile);
  uint64_t all = 0, compiling = 0;
  for (const SideRow &row : rows) {
    all += row.samples;
    compiling += row.compiling;
  }
  std::vector<TextTable::Column> columns{{"code of", TextTable::left}, {"samples"}, {"share"}, {"threads"}};
  if (compiling) columns.push_back({"while compiling"});
  TextTable table(std::move(columns));
  for (const SideRow &row : rows) {
    std::vector<std::string> cells{"  " + std::string(merge::to_text(row.side)), fmt::format("{}", row.samples),
                                   share_of(row.samples, all), fmt::format("{}", row.threads)};
    if (compiling) cells.push_back(row.compiling ? share_of(row.compiling, all) : "-");
    table.row(std::move(cells));
  }
  if (table.empty()) return "";
  std::string out = "\n" + table.text(options.style);
  if (compiling)
    out += wrapped(fmt::format("  while compiling = in any thread, while the phase of the process was one of "
                               "compiling: {} of all samples",
                               share_of(compiling, all)),
                   2, options.style);
  return out;
}

std::string region_table(const std::vector<RegionRow> &rows, const char *what, uint64_t all,
                         const ReportOptions &options) {
  std::array<bool, side_count> used{};
  for (const RegionRow &row : rows)
    for (size_t i = 0; i < side_count; ++i) used[i] = used[i] || row.sides[i];
  std::vector<TextTable::Column> columns{{what, TextTable::left}, {"samples"}, {"share"}};
  for (size_t i = 0; i < side_count; ++i)
    if (used[i]) columns.push_back({merge::to_text(static_cast<merge::Side>(i))});
  TextTable table(std::move(columns));
  for (size_t at = 0; at < rows.size(); ++at) {
    if (options.top && at == options.top) {
      table.remark(fmt::format("{} more (--top 0 lists all)", rows.size() - at));
      break;
    }
    const RegionRow &row = rows[at];
    std::vector<std::string> cells{"  " + (row.name.empty() ? std::string("(none)") : row.name),
                                   fmt::format("{}", row.samples), share_of(row.samples, all)};
    for (size_t i = 0; i < side_count; ++i)
      if (used[i]) cells.push_back(row.sides[i] ? share_of(row.sides[i], row.samples) : "-");
    table.row(std::move(cells));
  }
  return table.empty() ? "" : "\n" + table.text(options.style);
}

} // namespace

std::string text_profile(const merge::Model &model, const ReportOptions &options) {
  const merge::Profile &profile = model.profile;
  if (!profile.recorded && profile.missing.empty()) return "";
  std::string out;
  if (profile.recorded) out += coverage_lines(profile, options);
  for (const std::string &sentence : profile.missing) out += wrapped("  missing: " + sentence, 4, options.style);
  out += side_table(profile, options);
  const std::string phases = region_table(phase_rows_of(profile), "phase", profile.samples.size(), options),
                    scopes = region_table(scope_rows_of(profile), "scope", profile.samples.size(), options);
  out += phases + scopes;
  if (!phases.empty() || !scopes.empty()) out += "  share = of all samples; the columns after it = of the row's own\n";
  return title("Samples", options.style) + out;
}

} // namespace sgperf::emit
