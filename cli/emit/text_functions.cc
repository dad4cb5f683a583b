// SPDX-License-Identifier: Apache-2.0
// Where the samples were: functions and source lines.
#include "emit/report.h"

#include "emit/profile_rows.h"
#include "emit/readable.h"

#include <fmt/format.h>

#include <algorithm>

namespace sgperf::emit {
namespace {

std::string left_out(size_t more, uint64_t samples, double all, const char *what) {
  return fmt::format("{} more {} with {} of the samples (--top N lists more, --top 0 all)", more, what,
                     percent(static_cast<double>(samples) / all));
}

size_t shown(size_t rows, const ReportOptions &options) {
  return options.top ? std::min(rows, options.top) : rows;
}

std::string function_table(const merge::Profile &profile, double all, const ReportOptions &options) {
  const auto rows = hot_functions(profile);
  if (rows.empty()) return "";
  TextTable table({{"self"},
                   {"samples"},
                   {"total"},
                   {"function", TextTable::left},
                   {"tier", TextTable::left},
                   {"module", TextTable::left},
                   {"code of", TextTable::left}});
  const size_t end = shown(rows.size(), options);
  uint64_t rest = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const merge::ProfileFunction &row = *rows[i];
    if (i >= end) {
      rest += row.self;
      continue;
    }
    table.row({percent(static_cast<double>(row.self) / all), fmt::format("{}", row.self),
               percent(static_cast<double>(row.total) / all), row.name, row.tier.empty() ? "-" : row.tier, row.module,
               merge::to_text(row.side)});
  }
  if (end < rows.size()) table.remark(left_out(rows.size() - end, rest, all, "functions"));
  return title("Hot functions (self: samples in it; total: with it anywhere on the stack)", options.style) +
         table.text(options.style);
}

std::string line_table(const merge::Profile &profile, double all, const ReportOptions &options) {
  const auto rows = hot_lines(profile);
  if (rows.empty()) return "";
  TextTable table({{"self"}, {"samples"}, {"line", TextTable::left}, {"function", TextTable::left}});
  const size_t end = shown(rows.size(), options);
  uint64_t rest = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const merge::ProfileLine &row = *rows[i];
    if (i >= end) {
      rest += row.self;
      continue;
    }
    const bool known = row.function < profile.functions.size();
    table.row({percent(static_cast<double>(row.self) / all), fmt::format("{}", row.self),
               fmt::format("{}:{}", row.file, row.line), known ? profile.functions[row.function].name : "-"});
  }
  if (end < rows.size()) table.remark(left_out(rows.size() - end, rest, all, "lines"));
  return title("Hot source lines", options.style) + table.text(options.style);
}

} // namespace

std::string text_functions(const merge::Model &model, const ReportOptions &options) {
  const merge::Profile &profile = model.profile;
  const auto all = static_cast<double>(profile.coverage.samples ? profile.coverage.samples : profile.samples.size());
  if (!(all > 0)) return "";
  return function_table(profile, all, options) + line_table(profile, all, options);
}

} // namespace sgperf::emit
