// SPDX-License-Identifier: Apache-2.0
// Rows of what the kernel counted: system calls, page faults, processes.
#include "emit/profile_rows.h"

#include <fmt/format.h>

#include <string.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace sgperf::emit {
namespace {

constexpr size_t nobody = SIZE_MAX;

using ByPid = std::multimap<uint32_t, size_t>;

// Who started the process: the one of that pid that started last before it.
size_t parent_of(const merge::Profile &profile, const ByPid &by_pid, size_t child) {
  const merge::ProfileProcess &process = profile.processes[child];
  size_t best = nobody;
  if (process.parent == process.pid) return nobody;
  const auto [begin, end] = by_pid.equal_range(process.parent);
  for (auto it = begin; it != end; ++it) {
    const merge::ProfileProcess &other = profile.processes[it->second];
    if (process.started && other.started > process.started) continue;
    if (best == nobody || other.started >= profile.processes[best].started) best = it->second;
  }
  return best;
}

} // namespace

std::vector<SyscallGroup> syscall_groups(const merge::Profile &profile, RegionKind kind) {
  std::map<std::string, std::map<std::string, merge::SyscallRow>> sums;
  for (const merge::SyscallRow &row : profile.syscalls) {
    const std::string &region = kind == RegionKind::phase ? row.phase : row.scope;
    auto [at, fresh] = sums[region].try_emplace(row.name);
    if (fresh) {
      at->second.name = row.name;
      at->second.number = row.number;
      (kind == RegionKind::phase ? at->second.phase : at->second.scope) = region;
    }
    add_calls(at->second, row);
  }
  std::vector<SyscallGroup> out;
  for (auto &[region, rows] : sums) {
    SyscallGroup group;
    group.region = region;
    for (auto &[name, row] : rows) {
      group.count += row.count;
      group.total_ns += row.total_ns;
      group.rows.push_back(std::move(row));
    }
    std::stable_sort(group.rows.begin(), group.rows.end(), [](const auto &a, const auto &b) {
      return std::tuple(b.total_ns, b.count) < std::tuple(a.total_ns, a.count);
    });
    out.push_back(std::move(group));
  }
  std::stable_sort(out.begin(), out.end(), [](const SyscallGroup &a, const SyscallGroup &b) {
    return std::tuple(a.region.empty(), b.total_ns) < std::tuple(b.region.empty(), a.total_ns);
  });
  return out;
}

std::string errno_text(int number) {
  number = number < 0 ? -number : number;
  if (const char *name = strerrorname_np(number)) return name;
  // include/linux/errno.h: what a tracer sees of a call that a signal interrupted, before it is started again.
  switch (number) {
  case 512:
    return "ERESTARTSYS";
  case 513:
    return "ERESTARTNOINTR";
  case 514:
    return "ERESTARTNOHAND";
  case 516:
    return "ERESTART_RESTARTBLOCK";
  default:
    return fmt::format("errno {}", number);
  }
}

std::vector<merge::FaultRow> fault_rows(const merge::Profile &profile) {
  std::map<std::pair<std::string, std::string>, merge::FaultRow> sums;
  for (const merge::FaultRow &row : profile.faults) {
    merge::FaultRow &sum = sums[{row.phase, row.scope}];
    sum.phase = row.phase;
    sum.scope = row.scope;
    sum.user += row.user;
    sum.kernel += row.kernel;
    sum.major += row.major;
  }
  std::vector<merge::FaultRow> out;
  for (auto &[region, row] : sums) out.push_back(std::move(row));
  std::stable_sort(out.begin(), out.end(),
                   [](const auto &a, const auto &b) { return a.user + a.kernel > b.user + b.kernel; });
  return out;
}

std::vector<ProcessRow> process_tree(const merge::Profile &profile) {
  const size_t size = profile.processes.size();
  std::vector<std::vector<size_t>> children(size + 1); // the last: those that nobody started
  ByPid by_pid;
  for (size_t i = 0; i < size; ++i) by_pid.emplace(profile.processes[i].pid, i);
  for (size_t i = 0; i < size; ++i) children[std::min(parent_of(profile, by_pid, i), size)].push_back(i);
  for (auto &list : children)
    std::stable_sort(list.begin(), list.end(),
                     [&](size_t a, size_t b) { return profile.processes[a].started < profile.processes[b].started; });
  std::vector<ProcessRow> out;
  std::vector<bool> seen(size);
  const auto from = [&](size_t root) {
    std::vector<ProcessRow> open{{root, 0}};
    while (!open.empty()) {
      const ProcessRow row = open.back();
      open.pop_back();
      if (seen[row.process]) continue;
      seen[row.process] = true;
      out.push_back(row);
      const auto &list = children[row.process];
      for (auto it = list.rbegin(); it != list.rend(); ++it) open.push_back({*it, row.depth + 1});
    }
  };
  for (const size_t root : children[size]) from(root);
  // Where starts are not known two processes may name each other: none of them is lost.
  for (size_t i = 0; i < size; ++i)
    if (!seen[i]) from(i);
  return out;
}

std::string process_text(const merge::ProfileProcess &process) {
  std::string out;
  for (const std::string &word : process.command) out += (out.empty() ? "" : " ") + word;
  if (out.empty()) out = process.comm;
  return out.empty() ? "?" : out;
}

std::string end_text(const merge::ProfileProcess &process) {
  if (!process.exit_seen) return "";
  if (process.signal == 0) return fmt::format("exit {}", process.exit_code);
  const char *name = sigabbrev_np(process.signal);
  return name ? fmt::format("SIG{}", name) : fmt::format("signal {}", process.signal);
}

} // namespace sgperf::emit
