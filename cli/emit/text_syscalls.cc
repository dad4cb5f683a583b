// SPDX-License-Identifier: Apache-2.0
// System calls by phase and by scope, and page faults.
#include "emit/report.h"

#include "emit/profile_rows.h"
#include "emit/readable.h"

#include <fmt/format.h>

#include <algorithm>

namespace sgperf::emit {
namespace {

// "12 ENOENT, 3 EAGAIN": the most frequent first, two of them.
std::string errors_cell(const merge::SyscallRow &row) {
  if (row.errors == 0) return "-";
  std::vector<std::pair<uint64_t, int>> kinds;
  for (const auto &[number, count] : row.errnos) kinds.emplace_back(count, number);
  std::stable_sort(kinds.begin(), kinds.end(), [](const auto &a, const auto &b) { return a.first > b.first; });
  if (kinds.empty()) return fmt::format("{}", row.errors);
  std::string out;
  for (size_t i = 0; i < kinds.size() && i < 2; ++i)
    out += fmt::format("{}{} {}", i ? ", " : "", kinds[i].first, errno_text(kinds[i].second));
  return out + (kinds.size() > 2 ? ", .." : "");
}

std::string byte_cell(uint64_t value) {
  return value ? bytes(static_cast<double>(value)) : "-";
}

std::string calls(uint64_t count) {
  return fmt::format("{} call{}", count, count == 1 ? "" : "s");
}

std::string group_table(const std::vector<SyscallGroup> &groups, const char *what, const ReportOptions &options) {
  TextTable table({{"system call", TextTable::left},
                   {"calls"},
                   {"total"},
                   {"avg"},
                   {"max"},
                   {"blocked"},
                   {"in"},
                   {"out"},
                   {"errors", TextTable::left}});
  const auto place = [&](const std::string &region) { return region.empty() ? fmt::format("in no {}", what) : region; };
  size_t groups_left = 0;
  uint64_t groups_ns = 0, groups_calls = 0;
  for (size_t g = 0; g < groups.size(); ++g) {
    const SyscallGroup &group = groups[g];
    // A program may have thousands of scopes.
    if (options.top && g >= options.top) {
      ++groups_left;
      groups_ns += group.total_ns;
      groups_calls += group.count;
      continue;
    }
    table.group(fmt::format(" {}  {}, {}", place(group.region), calls(group.count),
                            duration(static_cast<double>(group.total_ns))));
    uint64_t rest_ns = 0, rest_calls = 0;
    for (size_t i = 0; i < group.rows.size(); ++i) {
      const merge::SyscallRow &row = group.rows[i];
      if (options.top && i >= options.top) {
        rest_ns += row.total_ns;
        rest_calls += row.count;
        continue;
      }
      const auto total = static_cast<double>(row.total_ns);
      table.row({"  " + row.name, fmt::format("{}", row.count), duration(total),
                 row.count ? duration(total / static_cast<double>(row.count)) : "-",
                 duration(static_cast<double>(row.max_ns)),
                 row.total_ns ? percent(static_cast<double>(row.blocked_ns) / total) : "-", byte_cell(row.bytes_in),
                 byte_cell(row.bytes_out), errors_cell(row)});
    }
    if (options.top && group.rows.size() > options.top)
      table.remark(fmt::format("{} more system calls: {}, {} (--top 0 lists all)", group.rows.size() - options.top,
                               calls(rest_calls), duration(static_cast<double>(rest_ns))));
  }
  if (groups_left)
    table.remark(fmt::format("{} more {}s: {}, {} (--top 0 lists all)", groups_left, what, calls(groups_calls),
                             duration(static_cast<double>(groups_ns))));
  return table.empty() ? "" : table.text(options.style);
}

// Which functions of the guest make the calls; nothing where no guest made one.
std::string caller_table(const merge::Profile &profile, const ReportOptions &options) {
  TextTable table({{"function", TextTable::left}, {"system call", TextTable::left}, {"sampled"}, {"share"}, {"avg"}});
  uint64_t all = 0, outside = 0;
  size_t rows = 0;
  for (const merge::SyscallCaller &caller : profile.syscall_callers) {
    all += caller.samples;
    if (caller.function >= profile.functions.size()) outside += caller.samples;
  }
  for (const merge::SyscallCaller &caller : profile.syscall_callers) {
    if (caller.function >= profile.functions.size()) continue;
    if (options.top && rows++ >= options.top) continue;
    const auto samples = static_cast<double>(caller.samples);
    table.row({profile.functions[caller.function].name, caller.name, fmt::format("{}", caller.samples),
               percent(samples / static_cast<double>(all)), duration(static_cast<double>(caller.total_ns) / samples)});
  }
  if (rows == 0 && table.empty()) return "";
  if (options.top && rows > options.top)
    table.remark(fmt::format("{} more rows (--top 0 lists all)", rows - options.top));
  return title("System calls by calling function of the guest", options.style) + table.text(options.style) +
         wrapped(fmt::format(
                     "  one call of {} was sampled, at random: {} samples, {} of them with nothing of the guest on the "
                     "stack",
                     profile.syscall_rate, all, outside),
                 2, options.style);
}

bool only_outside(const std::vector<SyscallGroup> &groups) {
  return groups.size() == 1 && groups.front().region.empty();
}

std::string fault_table(const merge::Profile &profile, const ReportOptions &options) {
  const auto rows = fault_rows(profile);
  if (rows.empty()) return "";
  TextTable table(
      {{"phase", TextTable::left}, {"scope", TextTable::left}, {"in user space"}, {"in the kernel"}, {"from disk"}});
  for (size_t i = 0; i < rows.size(); ++i) {
    if (options.top && i == options.top) {
      table.remark(fmt::format("{} more regions (--top 0 lists all)", rows.size() - i));
      break;
    }
    const merge::FaultRow &row = rows[i];
    table.row({row.phase.empty() ? "-" : row.phase, row.scope.empty() ? "-" : row.scope, fmt::format("{}", row.user),
               fmt::format("{}", row.kernel), fmt::format("{}", row.major)});
  }
  return title("Page faults by region", options.style) + table.text(options.style);
}

} // namespace

std::string text_syscalls(const merge::Model &model, const ReportOptions &options) {
  const merge::Profile &profile = model.profile;
  std::string out;
  if (!profile.syscalls.empty()) {
    const auto phases = syscall_groups(profile, RegionKind::phase), scopes = syscall_groups(profile, RegionKind::scope);
    out += title(only_outside(phases) ? "System calls" : "System calls by phase", options.style);
    out += group_table(phases, "phase", options);
    out += wrapped("  in, out = bytes that the program read and wrote; blocked = share of the time that the thread was "
                   "off the processor",
                   2, options.style);
    if (!only_outside(scopes))
      out += title("System calls by innermost scope", options.style) + group_table(scopes, "scope", options);
  } else if (profile.syscalls_recorded)
    out += title("System calls", options.style) + "  none was made\n";
  if (profile.syscalls_dropped)
    out += wrapped(fmt::format("  in no row, since the table of regions was full: {}", calls(profile.syscalls_dropped)),
                   2, options.style);
  out += caller_table(profile, options);
  out += fault_table(profile, options);
  return out;
}

} // namespace sgperf::emit
